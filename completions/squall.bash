# bash completion for squall; made by `squall completion bash`
_squall() {
  local current=${COMP_WORDS[COMP_CWORD]} flags= words=
  if ((COMP_CWORD == 1)); then
    flags='
        run hunt shrink replay check export generate report validate schema query init shell
        faults checkers clients doctor recover agent completion --help --version
      '
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
    return
  fi
  case ${COMP_WORDS[1]} in
    run)
      flags='
        --help --arena --seed --repeat --out --set --junit --html --markdown --control
        --keep --dry-run --quiet --no-baseline --perturb --machine-cpu --machine-shift
        --machine-memory --include --no-snapshot --embed
      '
      ;;
    hunt)
      flags='
        --help --seeds --jobs --shard --until --arena --perturb --retries --out --set
        --fresh --quiet --no-baseline
      '
      ;;
    shrink)
      flags='
        --help --check --arena --tries --enough --measure --budget --jobs --out --fresh
        --quiet
      '
      ;;
    replay)
      flags='
        --help --out --quiet --no-snapshot --embedded --trust-embedded-qemu
      '
      ;;
    check)
      flags='
        --help --checker --format --independent --time-limit --memory-limit --threads --json
        --html
      '
      ;;
    export)
      flags='
        --help --format --from --out
      '
      ;;
    generate)
      flags='
        --help --seed --operations --clients --info-rate --fail-rate --reads --cas --values
        --keys --keys-at-once --faulty --out --puts --enqueues --abort-rate --isolation
        --writes-per-key --steps-min --steps-max --form
      '
      words='
        register kv set queue counter mutex unique-ids list-append rw-register
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
    mapfile -t COMPREPLY < <(compgen -f -W "$words" -- "$current")
  fi
}
complete -o filenames -F _squall squall
