#!/usr/bin/env python3
"""The gateway beside nginx, both proxying the same inference requests to the same model server.

  bench/serving.py [BIN_DIR] [STACKS]      from the repository, after ./dev build

Starts one etcd, one model server with its engine, the gateway and nginx on loopback, and lets wrk
send the same request over both in turn, and once past both.  Prints medians of requests per second,
the proxy's own processor time per request, and ratios to nginx.  Bounded: about half a minute.
"""
import contextlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
BIN = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/bin")
STACKS = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "build/stacks/root")
ROUNDS, SECONDS, CONNECTIONS = 5, 2, 16
PATIENCE = 20  # seconds until something is ready
ETCD, PEER, SERVER, GRPC, GATEWAY, NGINX = 12379, 12380, 18000, 18001, 18080, 18081
BODY = json.dumps({"id": "r", "inputs": [{"name": "features", "shape": [1, 17], "datatype": "FP32",
                                          "data": [1] + [0.5] * 16}]})
TARGET = "/v2/models/ranker/infer"
NGINX_CONF = f"""
worker_processes 1;
pid {{folder}}/nginx.pid;
error_log {{folder}}/nginx.log;
daemon off;
events {{{{ worker_connections 1024; }}}}
http {{{{
  access_log off;
  client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy;
  fastcgi_temp_path {{folder}}/f; uwsgi_temp_path {{folder}}/u; scgi_temp_path {{folder}}/s;
  upstream server {{{{ server 127.0.0.1:{SERVER}; keepalive 64; }}}}
  server {{{{
    listen 127.0.0.1:{NGINX};
    location / {{{{
      proxy_pass http://server; proxy_http_version 1.1; proxy_set_header Connection "";
    }}}}
  }}}}
}}}}
"""


@contextlib.contextmanager
def running(folder, name, *command):
    with open(folder / f"{name}.out", "wb") as out:
        process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_for(url):
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise SystemExit(f"{url} does not answer") from None
            time.sleep(0.05)


def children(pid):
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [int(word) for word in text.split()]


def cpu_seconds(pid):
    """User and system time of a process and its children, all threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(child) for child in children(pid))


def load(port, script, pid):
    """Requests per second, and the proxy's processor time per request in microseconds."""
    before = cpu_seconds(pid)
    out = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", script,
                          f"http://127.0.0.1:{port}{TARGET}"],
                         check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in out:
        raise SystemExit(f"port {port}: not all answers were right\n{out}")
    count = int(re.search(r"(\d+) requests in", out).group(1))
    return count / SECONDS, (cpu_seconds(pid) - before) / count * 1e6


def measure(folder, pids):
    script = folder / "post.lua"
    script.write_text(f"wrk.method = 'POST'\nwrk.body = '{BODY}'\n"
                      "wrk.headers['Content-Type'] = 'application/json'\n", "ascii")
    ports = {"gateway": GATEWAY, "nginx": NGINX, "no proxy": SERVER}
    seen = {name: [] for name in ports}
    for _ in range(ROUNDS):
        for name, port in ports.items():
            seen[name].append(load(port, script, pids[name]))
    medians = {name: tuple(map(statistics.median, zip(*runs))) for name, runs in seen.items()}
    rate, cost = medians["nginx"]
    for name, (own_rate, own_cost) in medians.items():
        print(f"{name:10} {own_rate:8.0f} requests/s ({own_rate / rate:.2f} × nginx)   "
              f"{own_cost:6.1f} µs of {'its' if name != 'no proxy' else 'the server’s'} processor "
              f"time per request ({own_cost / cost:.2f} ×), {1e6 / own_cost:.0f} per core")


def main():
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        (folder / "nginx.conf").write_text(NGINX_CONF.format(folder=folder), "ascii")

        def start(name, *command):
            return stack.enter_context(running(folder, name, *command))

        etcd = f"http://127.0.0.1:{ETCD}"
        start("etcd", STACKS / "usr/bin/etcd", f"--data-dir={folder}/etcd",
              f"--listen-client-urls={etcd}", f"--advertise-client-urls={etcd}",
              f"--listen-peer-urls=http://127.0.0.1:{PEER}",
              f"--initial-advertise-peer-urls=http://127.0.0.1:{PEER}",
              f"--initial-cluster=default=http://127.0.0.1:{PEER}")
        wait_for(etcd + "/health")
        start("engine", BIN / "model-engine", f"--socket={folder}/engine.sock")
        server = start("server", BIN / "model-server", "--name=m1", "--listen=127.0.0.1",
                       f"--http-port={SERVER}", f"--grpc-port={GRPC}", "--metrics-port=18002",
                       f"--engine={folder}/engine.sock", f"--registry={etcd}")
        start("rollout", BIN / "rollout", f"--registry={etcd}")
        gateway = start("gateway", BIN / "gateway", "--name=g1", "--listen=127.0.0.1",
                        f"--http-port={GATEWAY}", "--metrics-port=18082", f"--registry={etcd}")
        nginx = start("nginx", STACKS / "usr/sbin/nginx", "-p", folder, "-c", folder / "nginx.conf")
        wait_for(f"http://127.0.0.1:{GATEWAY}/v2/models/ranker/ready")
        wait_for(f"http://127.0.0.1:{NGINX}/v2/health/ready")
        measure(folder, {"gateway": gateway.pid, "nginx": nginx.pid, "no proxy": server.pid})


main()
