"""Adds to a set in Redis and reads it: one operation per JSON line, one answer per line."""
import json, socket, sys

def ask(where, *words):  # one command, in RESP, the protocol of Redis
    where.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words))
    where.flush()
    return answer(where)

def answer(where):
    line = where.readline()
    if not line.endswith(b"\r\n"): raise OSError("connection lost")
    kind, rest = line[:1], line[1:-2]
    if kind == b"-": raise ValueError(rest.decode())  # refused: not executed
    if kind == b"$": return where.read(int(rest) + 2)[:-2]
    if kind == b"*": return [answer(where) for _ in range(int(rest))]
    return rest

def primary(nodes, seconds):  # the node that says of itself that it is the primary
    for node in nodes:
        try:
            s = socket.create_connection((node["ip"], 6379), seconds / len(nodes)).makefile("rwb")
            if ask(s, b"ROLE")[0] == b"master": return s
        except (OSError, ValueError): pass
    raise ValueError("no primary")

init, nodes, redis = {}, [], None
for call in map(json.loads, sys.stdin):
    if "id" not in call:  # init, or finish: the last read must find the primary wherever it is
        init, redis = call.get("init", init), None
        nodes = init["nodes" if "finish" in call else "endpoints"]
        if "init" in call: print('{"ready":true}', flush=True)
        continue
    reply = {"id": call["id"], "type": "ok"}
    try:
        redis = redis or primary(nodes, call["timeout_ms"] / 1000)
        if call["f"] == "add": ask(redis, b"SADD", b"set", b"%d" % call["v"])
        else: reply["v"] = sorted(map(int, ask(redis, b"SMEMBERS", b"set")))
    except ValueError as refused: reply.update(type="fail", error=str(refused)); redis = None
    except OSError as lost: reply.update(type="info", error=str(lost)); redis = None
    print(json.dumps(reply), flush=True)
