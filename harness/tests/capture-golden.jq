# What really happened in one case, from its evidence.jsonl (jq -rs): one line of
# lib/tests/data/captured/expected but for the file's name. Neither the kernel log nor what our
# parser makes of it is looked at: deaths come from wait(2), the number of kills from /proc/vmstat,
# the memcg that ran out from its own counters, the kind of OOM from those and from the scene.

def dash: if . == null or . == "" then "-" else . end;
def one($what): if length == 1 then .[0] else error("\(length) \($what), wanted one: \(.)") end;
def mempolicy: .argv as $a | ($a | index("--mempolicy")) as $i | if $i then $a[$i + 1] else null end;
def knob($cgroup; $name):
  [.cgroups[] | select(.path == $cgroup) | .settings[] | select(.name == $name) | .value][0];
def below($top): . == $top or startswith($top + "/");
def path($root): if . == "" then $root else $root + "/" + . end;

# cgroups whose counter rose during the case
def risen($file; $key):
  [.[] | select(.t == "counters" and .file == $file and has("cgroup"))] | group_by(.cgroup)
  | map({cgroup: .[0].cgroup,
         by: ((map(select(.when == "after").values[$key])[0] // 0) -
              (map(select(.when == "before").values[$key])[0] // 0))}
        | select(.by > 0) | .cgroup);

def oom_kills:
  [.[] | select(.t == "counters" and .file == "vmstat") | {(.when): .values.oom_kill}] | add
  | .after - .before;

# SIGKILLs that nobody of us sent, in the order in which they were seen
def oom_deaths:
  [foreach .[] as $e ({sent: []};
     .death = null
     | if $e.t == "sent" then .sent += [$e.pid]
       elif $e.t == "death" and $e.signal == 9 and (.sent | index($e.pid) == null) then .death = $e
       else . end;
     .death | select(. != null))];

(map(select(.t == "plan")) | one("plans") | .plan) as $plan
| (map(select(.t == "machine")) | one("machine records") | .release) as $release
| (map(select(.t == "root")) | one("roots") | .path) as $root
| map(select(.t == "worker")) as $workers
| any(.[]; .t == "vm" and .outcome == "panicked") as $panic
| oom_deaths as $deaths
| if any(.[]; .t == "lost" or .t == "broken" or .t == "failed") then error("a broken run") else . end
| if $panic or any(.[]; .t == "end") then . else error("the player did not reach its end") end
| if $panic == ($deaths == []) then . else error("a panic, or else a death: there must be one") end
| (if $panic | not then
     (if $plan.cgroup == "v1" then risen("memory.failcnt"; "value")
      else risen("memory.events.local"; "oom") end)
   else [$plan.cgroups[] | select(any(.settings[]; .name == "memory.max")) | .path] end) as $ran_out
| (if $ran_out == [] then null else $ran_out | one("memcgs out of memory") end) as $oom_memcg
| (if $panic then null else $deaths[0].pid end) as $first
| ($workers | map(select(.pid == $first))[0]) as $victim
| ($plan.workers | map(select(.name == $victim.name))[0]) as $planned
| (if $oom_memcg != null then "memcg"
   elif $panic then "global"
   elif ($planned | mempolicy) != null then "mempolicy"
   elif ($plan | knob($victim.cgroup; "cpuset.mems")) != null then "cpuset"
   else "global" end) as $kind
| (if $panic then "panic"
   elif any($plan.sysctls[]; .name == "vm.oom_kill_allocating_task" and .value != "0") then "allocating"
   elif ($plan | knob($victim.cgroup; "memory.oom.group")) == "1" then "group"
   else "killed" end) as $outcome
# A worker is in the OOM's reach by its memcg, by its own policy or by its cpuset.
| ($workers | map(. as $w | ($plan.workers | map(select(.name == $w.name))[0] | mempolicy) as $policy
   | (if $kind == "memcg" then $w.cgroup | below($oom_memcg)
      elif $kind == "mempolicy" then $policy == ($planned | mempolicy)
      elif $kind == "cpuset" then $w.cgroup == $victim.cgroup
      else true end) as $in
   | "\($w.pid):\($w.name):\($w.oom_score_adj):\(if $in then "in" else "out" end)")) as $rows
| [$release, $kind, $outcome, (if $panic then "-" else oom_kills end),
   ([$deaths[] | "\(.pid):\(.name)"] | join(",") | dash),
   (if $oom_memcg == null then "-" else $oom_memcg | path($root) end),
   (if $panic then "-" else $victim.cgroup | path($root) end),
   ($rows | join(","))]
| map(tostring) | join(" ")
