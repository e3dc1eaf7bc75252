#!/usr/bin/python3
# Logs of OOMs that never were: made-up-tickets.py DIR COUNT SEED writes DIR/<kind>-N.log, the same for the same seed.
# Who dies in them is worked out here, by badness as of 5.9 and not by our model: so a replay must agree with each, and
# with none of the *-forged.log, which name another one. Beside some stands a *.sets of changes for --set.
import os
import random
import sys

UNLIMITED_KB = 9007199254740988
COMMS = "java mysqld nginx python3 postgres redis-server chrome (sd-pam) kworker Web_Content 7zip ../x".split()


class Task:
    def __init__(self, r, pid, size, swap_share):
        self.pid, self.comm = pid, r.choice(COMMS)
        self.pgtables = size // 3 if r.random() < 0.1 else max(1, size // 500)
        self.swap = int((size - self.pgtables) * swap_share * r.random())
        self.rss = max(0, size - self.pgtables - self.swap)
        self.file = int(self.rss * r.choice([0, 0, 0.1, 0.5]))
        self.shmem = int((self.rss - self.file) * r.choice([0, 0, 0, 0.2, 0.9]))
        self.anon = self.rss - self.file - self.shmem
        self.adj = r.choice([0, r.randint(-999, 1000), -1000, -500, 300, 1000, 999, -997]) if r.random() < 0.5 else 0

    def points(self, total):
        return self.rss + self.swap + self.pgtables + self.adj * (total // 1000)

    def row(self, split):
        parts = f"{self.anon:8d} {self.file:8d} {self.shmem:9d} " if split else ""
        return (f"[{self.pid:7d}]     0 {self.pid:5d} {2 * self.rss:8d} {self.rss:8d} {parts}"
                f"{4096 * self.pgtables:8d} {self.swap:8d} {self.adj:13d} {self.comm}")

    def killed(self, words):
        return (f"{words}: Killed process {self.pid} ({self.comm}) total-vm:{8 * self.rss}kB, anon-rss:{4 * self.anon}kB, "
                f"file-rss:{4 * self.file}kB, shmem-rss:{4 * self.shmem}kB, UID:0 pgtables:{4 * self.pgtables}kB "
                f"oom_score_adj:{self.adj}")


class Ticket:
    """What ran out, of how much; then who was there, and who died."""

    def __init__(self, r):
        self.r, self.kind = r, r.choice(["memcg", "memcg", "global", "global", "mempolicy", "cpuset"])
        self.pages = r.choice([1 << 18, 1 << 20, 1 << 22, 1 << 24])
        self.swap = int(self.pages * r.choice([0.05, 0.2, 0.5, 1, 1.5, 2.5])) if r.random() < 0.4 else 0
        self.swap_is_full = r.random() < 0.7
        self.v2, self.limited = r.random() < 0.6, r.random() < 0.6
        self.nr_nodes = r.choice([1, 1, 2, 4, 8] if self.kind == "global" else [2, 4, 8])
        self.nodes = sorted(r.sample(range(self.nr_nodes), r.choice([1, 1, 1, max(1, self.nr_nodes // 2)])))
        if self.kind == "memcg":
            self.total = self.pages + (self.swap if self.limited else 0)
        elif self.kind == "global":
            self.total = self.pages + self.swap
        else:
            self.total = self.pages // self.nr_nodes * len(self.nodes) + self.swap
        self.fill()

    def fill(self):
        r = self.r
        weights = [r.paretovariate(r.choice([0.5, 1, 2])) for _ in range(r.choice([1, 2, 3, 5, 8, 20, 60]))]
        all_of_it = self.total * r.uniform(0.5, 1)
        share = min(0.9, self.swap / self.total)
        self.tasks = [Task(r, 100 + i, int(all_of_it * w / sum(weights)), share) for i, w in enumerate(weights)]
        self.ranking = sorted((t for t in self.tasks if t.adj != -1000), key=lambda t: -t.points(self.total))
        self.invoker = r.choice(self.tasks)
        self.asks_and_dies = self.kind != "memcg" and r.random() < 0.15 and self.invoker.adj != -1000
        if self.ranking:
            self.victim = self.invoker if self.asks_and_dies else self.ranking[0]

    def is_clear(self):
        return self.ranking and (len(self.ranking) < 2 or self.ranking[0].points(self.total) -
                                 self.ranking[1].points(self.total) > 2000)

    def forge(self):
        """Another victim, that no kernel would have chosen, if there is one."""
        far = [t for t in self.ranking if t is not self.victim and
               (self.asks_and_dies or self.victim.points(self.total) - t.points(self.total) > 0.06 * self.total)]
        if far:
            self.victim = self.r.choice(far)
        return bool(far)

    def memcg_lines(self):
        used_kb = 4 * (self.swap if self.limited and self.swap_is_full else sum(t.swap for t in self.tasks))
        limit_kb = 4 * self.swap if self.limited else UNLIMITED_KB
        yield f"memory: usage {4 * self.pages}kB, limit {4 * self.pages}kB, failcnt 77"
        if self.v2:
            yield f"swap: usage {used_kb}kB, limit {limit_kb}kB, failcnt 3"
        else:
            yield (f"memory+swap: usage {4 * self.pages + used_kb}kB, "
                   f"limit {min(4 * self.pages + limit_kb, UNLIMITED_KB)}kB, failcnt 3")

    def machine_lines(self):
        node_kb = 4 * (self.pages // self.nr_nodes)
        yield "Mem-Info:"
        for node in range(self.nr_nodes):
            yield (f"Node {node} Normal free:1000kB min:2000kB low:3000kB high:4000kB "
                   f"present:{node_kb}kB managed:{node_kb}kB")
        yield f"Free swap  = {0 if self.swap_is_full else 2 * self.swap}kB"
        yield f"Total swap = {4 * self.swap}kB"
        yield f"{self.pages} pages RAM"
        yield "0 pages reserved"

    def summary(self):
        r, nodes = self.r, ",".join(map(str, self.nodes))
        if self.kind == "memcg":
            top = f"/kubepods.slice/kubepods-burstable.slice/pod{r.getrandbits(64):x}"
            self.home = top + r.choice(["", "/main", f"/cri-containerd-{r.getrandbits(128):x}.scope", "/a/b/c"])
            where = f"oom_memcg={top},task_memcg={self.home}"
        else:
            self.home = r.choice(["/", "/user.slice/user-1000.slice/session-2.scope", "/system.slice/x@1.service"])
            where = f"global_oom,task_memcg={self.home}"
        constraint = {"memcg": "MEMCG", "global": "NONE", "mempolicy": "MEMORY_POLICY", "cpuset": "CPUSET"}[self.kind]
        return (f"oom-kill:constraint=CONSTRAINT_{constraint},nodemask={nodes if self.kind == 'mempolicy' else '(null)'},"
                f"cpuset={'/set' if self.kind == 'cpuset' else '/'},"
                f"mems_allowed={nodes if self.kind == 'cpuset' else f'0-{self.nr_nodes - 1}'},{where},"
                f"task={self.victim.comm},pid={self.victim.pid},uid=0")

    def kill_lines(self, group):
        words = "Memory cgroup out of memory" if self.kind == "memcg" else "Out of memory"
        yield self.victim.killed(words + (" (oom_kill_allocating_task)" if self.asks_and_dies else ""))
        if group:
            yield f"Tasks in {self.home} are going to be killed due to memory.oom.group set"
            yield self.victim.killed(words)
            for t in self.tasks:
                if t is not self.victim and t.adj != -1000 and self.r.random() < 0.5:
                    yield t.killed(words)

    def lines(self, group):
        split, order = self.r.random() < 0.5, self.r.choice([0, 0, 0, 2, 3])
        yield (f"{self.invoker.comm} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order={order}, "
               f"oom_score_adj={self.invoker.adj}")
        yield f"CPU: 1 PID: {self.invoker.pid} Comm: {self.invoker.comm} Not tainted 6.1.0-9-amd64 #1"
        yield from self.memcg_lines() if self.kind == "memcg" else self.machine_lines()
        yield "Tasks state (memory values in pages):"
        yield ("[  pid  ]   uid  tgid total_vm      rss " + ("rss_anon rss_file rss_shmem " if split else "") +
               "pgtables_bytes swapents oom_score_adj name")
        self.r.shuffle(self.tasks)
        yield from (t.row(split) for t in self.tasks)
        yield self.summary()
        yield from self.kill_lines(group)

    def changes(self):
        r, size_kb = self.r, 4 * self.pages
        kinds = {
            "adj": lambda: f"adj:{r.choice([self.victim, r.choice(self.tasks)]).pid}={r.choice([-1000, -500, 0, 300, 1000])}",
            "limit": lambda: r.choice([f"limit:+{int(size_kb * r.uniform(0.1, 2))}K", f"limit:-{int(size_kb * r.uniform(0.1, 0.6))}K"]),
            "panic": lambda: f"sysctl:vm.panic_on_oom={r.choice([0, 1, 2])}",
            "asks": lambda: f"sysctl:vm.oom_kill_allocating_task={r.choice([0, 1])}",
        }
        if self.kind != "memcg":
            del kinds["limit"]
        return [kinds[k]() for k in r.sample(list(kinds), r.choice([1, 1, 2, 3]))]


def main(folder, count, seed):
    r = random.Random(seed)
    os.makedirs(folder, exist_ok=True)
    made = 0
    while made < count:
        t = Ticket(r)
        if not t.is_clear():
            continue
        forged = r.random() < 0.25 and t.forge()
        group = t.kind == "memcg" and not forged and r.random() < 0.2
        path = f"{folder}/{t.kind}-{made}{'-forged' if forged else ''}"
        with open(path + ".log", "w") as out:
            for i, line in enumerate(t.lines(group)):
                out.write(f"[  100.{i:06d}] {line}\n")
        if not forged and r.random() < 0.5:
            with open(path + ".sets", "w") as out:
                out.write("\n".join(t.changes()) + "\n")
        made += 1


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
