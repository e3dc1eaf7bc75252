# What --help prints, as mdoc(7): usage lines verbatim, "  --option ARG   words" and "  word   words" as
# lists, the rest as paragraphs. So a manual page has the options that its program has.
function esc(s) {
  gsub(/\\/, "\\e", s)
  return s
}
function quoted(s) {
  s = esc(s)
  gsub(/"/, "\\(dq", s)
  return "\"" s "\""
}
function text(s) {
  s = esc(s)
  while (match(s, /[a-z0-9)]\. [A-Z]/)) { # a new sentence, a new line
    print s ~ /^[.']/ ? "\\&" substr(s, 1, RSTART + 1) : substr(s, 1, RSTART + 1)
    s = substr(s, RSTART + 3)
  }
  if (s ~ /^[.']/) s = "\\&" s
  print s
}
function leave() {
  if (state == "usage") print ".Ed"
  if (state == "list") print ".El"
  if (state) gap = 1
  state = ""
}
# "-v, --verbose", "--kernel K[,K...]", "--shuffle[=SEED]"
function option(s,   words, n, i, out) {
  n = split(s, words, " ")
  out = ".It"
  for (i = 1; i <= n; i++) {
    if (words[i] ~ /^-/) {
      comma = sub(/,$/, "", words[i])
      out = out " Fl " quoted(substr(words[i], 2)) (comma ? " ," : "")
    } else {
      out = out " Ar " quoted(words[i])
    }
  }
  print out
}
FNR == 1 { leave(); gap = 0 }
/^usage: / {
  print ".Bd -literal"
  text(substr($0, 8))
  state = "usage"
  next
}
state == "usage" && /^       / { text(substr($0, 8)); next }
/^$/ { leave(); next }
/^  +[^ ]/ && (match($0, /^ */) && RLENGTH <= 6) {
  spec = substr($0, RLENGTH + 1)
  words = ""
  if (match(spec, /  +/)) {
    words = substr(spec, RSTART + RLENGTH)
    spec = substr(spec, 1, RSTART - 1)
  }
  if (spec ~ /^-/ || words != "") {
    if (state != "list") { leave(); print ".Bl -tag -width Ds"; state = "list" }
    if (spec ~ /^-/) option(spec)
    else print ".It Ic " quoted(spec)
    if (words != "") text(words)
    next
  }
}
state == "list" && /^   / {
  sub(/^ +/, "")
  if (match($0, /  +/)) print ".br"
  text($0)
  next
}
{
  if (state) leave()
  if (gap) print ".Pp"
  gap = 0
  sub(/^ +/, "")
  text($0)
}
END { leave() }
