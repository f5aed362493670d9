# bash completion for squall; made by `squall completion bash`
_squall() {
  local current=${COMP_WORDS[COMP_CWORD]} flags=
  if ((COMP_CWORD == 1)); then
    flags='
        run check report validate schema query init shell faults checkers clients doctor
        recover agent completion --help --version
      '
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
    return
  fi
  case ${COMP_WORDS[1]} in
    run)
      flags='
        --help --arena --seed --repeat --out --set --junit --html --markdown --control
        --keep --dry-run --quiet --no-baseline
      '
      ;;
    check)
      flags='
        --help --checker --json
      '
      ;;
    report)
      flags='
        --help --junit --html --markdown --control
      '
      ;;
    validate)
      flags='
        --help --set
      '
      ;;
    schema)
      flags='
        --help
      '
      ;;
    query)
      flags='
        --help --tsv
      '
      ;;
    init)
      flags='
        --help
      '
      ;;
    shell)
      flags='
        --help --run
      '
      ;;
    faults)
      flags='
        --help --markdown
      '
      ;;
    checkers)
      flags='
        --help --markdown
      '
      ;;
    clients)
      flags='
        --help
      '
      ;;
    doctor)
      flags='
        --help
      '
      ;;
    recover)
      flags='
        --help --state-dir
      '
      ;;
    agent)
      flags='
        --help --config
      '
      ;;
    completion)
      flags='
        --help
      '
      ;;
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o filenames -F _squall squall
