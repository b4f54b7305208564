#!/usr/bin/env bash
#
# Checks the whole repository, as CI does. See CONTRIBUTING.rst, or: check.sh -h

set -euo pipefail

usage() {
	cat <<'END'
usage: check.sh                     everything except mutations
       check.sh -quick              gofmt, vet and tests without the race detector
       check.sh -test               the tests of all modules, without the race detector
       check.sh -long [WORD...]     what takes too long for each change: nanogen on all of
                                    the code that is not ours, the tests of each place where
                                    values of the user are asked, a storm of three minutes,
                                    processes killed 200 times, 100000 random histories of
                                    a kind, the tests 30 times on a busy machine, and 6 times
                                    with yields at random, each fuzz test for 30 s and all
                                    mutations; two hours or more. Or
                                    only the steps whose names have one of the WORDs
       check.sh -mutate [PATTERN...]
                                    break each law (or those of a PATTERN: L4, 'L4-*')
                                    and demand that a test notices
       check.sh -apply [PATTERN...] see whether these mutations apply and compile,
                                    without a test
       check.sh -turn N             the same with one mutation of each numbered law and
                                    four of the others, with the next N the next ones:
                                    what CI does, since all of them take half an hour
       check.sh -h                  this text

It stops at the first step that fails. With CI=true, a tool that is not installed
is a failure, else its step is skipped.
END
}

# A toolchain of the next Go version, for files with go:build go1.27. The newest
# patch when this was written; the go command downloads it.
next_toolchain=go1.27.4

# What the core may require, and what of that its packages may import outside of
# their tests.
may_require='golang.org/x/sync go.uber.org/goleak'
may_import='golang.org/x/sync'

core=github.com/bruskajp/nano_services

cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
export GOWORK=off

# --- how steps are run -------------------------------------------------------

# step NAME COMMAND...: one line, with the seconds that it took. What the command
# says is shown if it fails; lines that begin with "skipped: " always.
step() {
	local name=$1 status=0 begin=$SECONDS
	shift
	printf '%-56s ' "$name"
	# Not as a condition (if, ||): there, the shell would ignore errors in a function.
	set +e
	(
		set -e
		"$@"
	) >"$tmp/log" 2>&1 </dev/null
	status=$?
	set -e
	if ((status != 0)); then
		printf 'FAILED %4ds\n\n' $((SECONDS - begin))
		cat "$tmp/log"
		printf '\ncheck.sh: failed: %s\n' "$name"
		exit 1
	fi
	printf 'ok %4ds\n' $((SECONDS - begin))
	sed -n 's/^skipped: /  skipped: /p' "$tmp/log"
}

# long_step NAME COMMAND...: the step, if its name has one of words, or there are none.
long_step() {
	local word
	for word in "${words[@]:-}"; do
		if [[ $1 == *"$word"* ]]; then
			step "$@"
			found=$((found + 1))
			return
		fi
	done
}

heading() { printf '\n%s\n' "$1"; }

# missing TOOL CONSEQUENCE: a failure in CI, else a line that says so.
missing() {
	if [[ ${CI:-} == true ]]; then
		echo "$1 is not installed"
		return 1
	fi
	echo "skipped: $2 ($1 is not installed)"
}

# files PATTERN: those outside of testdata and hidden directories, NUL after each.
files() {
	find . \( -name '.?*' -o -name testdata -o -name node_modules \) -prune -o \
		-type f -name "$1" -print0 | LC_ALL=C sort -z
}

# nested: the directories of all modules but the core.
nested() {
	files go.mod | xargs -0 -n 1 dirname | grep -vx '\.' || true
}

# tool NAME: where the binary of a tool of internal/tools is.
tool() { go -C internal/tools tool -n "$1"; }

# --- the steps ---------------------------------------------------------------

# check_gofmt [GOFMT]: the files that need the next Go version are left out, unless
# its gofmt is given: an earlier one cannot read generic methods.
check_gofmt() {
	local list bad
	if (($# > 0)); then
		list=$(files '*.go' | tr '\0' '\n')
	else
		list=$(files '*.go' | xargs -0 grep -LE "^//go:build .*${next_toolchain%.*}" || true)
	fi
	bad=$(xargs -d '\n' "${1:-gofmt}" -l <<<"$list")
	if [[ -n $bad ]]; then
		echo "gofmt would change:"
		echo "$bad"
		return 1
	fi
}

check_shell() {
	bash -n check.sh
	bash -n .ci/run
	if ! command -v shellcheck >/dev/null; then
		missing shellcheck "only their syntax was checked"
		return
	fi
	shellcheck check.sh .ci/run
}

# The checks beyond the default ones: a comment begins with the name it belongs to.
check_staticcheck() {
	local bin
	bin=$(tool staticcheck)
	cd "$1"
	"$bin" -checks=inherit,ST1020,ST1021,ST1022 ./...
}

check_comments() {
	# Assigned first: a failure inside of a process substitution would go unseen.
	local list dirs=()
	list=$(go list -f '{{.Dir}}' ./...)
	mapfile -t dirs < <(grep -v "^$root/internal/" <<<"$list")
	go -C internal/tools run ./doccheck "${dirs[@]}"
}

check_requirements() {
	local direct modules bad=0 m
	direct=$(go list -m -f '{{if not (or .Main .Indirect)}}{{.Path}}{{end}}' all)
	for m in $direct; do
		if [[ " $may_require " != *" $m "* ]]; then
			echo "go.mod requires $m, and may require only: $may_require"
			bad=1
		fi
	done
	modules=$(go list -deps -f '{{with .Module}}{{.Path}}{{end}}' ./... | sort -u)
	for m in $modules; do
		if [[ " $core $may_import " != *" $m "* ]]; then
			echo "a package of the core imports $m, and may import only: $may_import"
			bad=1
		fi
	done
	if grep -nE '^[[:space:]]*(replace|tool|exclude)([[:space:]]|$)' go.mod; then
		echo "go.mod must not have such lines"
		bad=1
	fi
	return "$bad"
}

check_386() {
	GOARCH=386 go build ./...
	GOARCH=386 go vet ./...
	if [[ $(go env GOHOSTARCH) == amd64 ]]; then
		GOARCH=386 go test ./mailbox/...
	else
		echo "skipped: running the tests of mailbox (not on amd64)"
	fi
}

# Assembly is used on amd64 and arm64, and replaced with purego.
check_arm64_purego() {
	GOARCH=arm64 go vet ./...
	go vet -tags purego ./...
	# Not all laws: without assembly, to find out who runs allocates.
	go list ./internal/... | grep -v /internal/laws | xargs go test -tags purego
	go test -tags purego -run 'TestL10' ./actor ./internal/laws
}

check_next_toolchain() {
	if ! GOTOOLCHAIN=$next_toolchain go version; then
		echo "skipped: $next_toolchain cannot be had"
		return
	fi
	export GOTOOLCHAIN=$next_toolchain
	check_gofmt "$(go env GOROOT)/bin/gofmt"
	go build ./...
	go vet ./...
	check_comments
	go test ./...
}

check_nested_tests() {
	if [[ $1 == ./examples && -z ${LEDGER_TEST_POSTGRES:-} ]]; then
		missing 'PostgreSQL (LEDGER_TEST_POSTGRES: see .ci/run)' "the ledger's tests with a server"
	fi
	if [[ $1 == ./internal/browser ]] && ! command -v chromium >/dev/null; then
		missing chromium 'the tests with a browser'
	fi
	if [[ $1 == ./internal/browser ]] && ! command -v npm >/dev/null; then
		missing npm 'what axe-core finds on the pages'
	fi
	go -C "$1" build ./...
	go -C "$1" vet ./...
	go -C "$1" test -race -shuffle=on ./...
}

run_mutate() {
	go -C internal/tools build -o "$tmp/mutate" ./mutate
	"$tmp/mutate" -root "$root" "$@"
}

# Each go:generate line that calls nanogen has to find its output up to date. Tests have
# such lines in texts, and in testdata only those of package remote compile what they have.
check_generated() {
	local bin=$tmp/nanogen lines file line args dir
	go -C cmd build -o "$bin" ./nanogen
	lines=$( (files '*.go' && find ./supervisor/remote/testdata -name '*.go' -print0) |
		grep -zv '_test\.go$' | xargs -0 grep -HE '^//go:generate .*nanogen( |$)' || true)
	while IFS= read -r line; do
		[[ -n $line ]] || continue
		file=${line%%:*}
		args=${line##*nanogen}
		dir=$(dirname "$file")
		echo "$file: nanogen -check$args"
		# Words as in the line: go generate, too, splits at spaces.
		# shellcheck disable=SC2086
		(cd "$dir" && GOFILE=$(basename "$file") "$bin" -check $args)
	done <<<"$lines"
}

# storm TIME: for that time at each number of processors.
storm() {
	go -C internal/checks test -race -cpu 1,2,8 -run '^TestStorm$' -timeout 30m ./storm -storm.time="$1"
}

check_rst() {
	local rst2html='' name list=()
	for name in rst2html rst2html5 rst2html.py; do
		if command -v "$name" >/dev/null; then
			rst2html=$name
			break
		fi
	done
	if [[ -z $rst2html ]]; then
		missing "rst2html (Debian: python3-docutils)" "reStructuredText was not checked"
		return
	fi
	mapfile -d '' -t list < <(files '*.rst'; find testdata -name '*.rst' -print0)
	for name in "${list[@]}"; do
		echo "$name"
		# Colours would need Pygments.
		"$rst2html" --strict --syntax-highlight=none "$name" >/dev/null
	done
}

check_rst_go() {
	local list
	mapfile -d '' -t list < <(files '*.rst')
	go -C internal/tools run ./rstgo -root "$root" "${list[@]/#./$root}"
}

# --- what is run -------------------------------------------------------------

quick() {
	heading 'The core'
	step 'gofmt' check_gofmt
	step 'go vet' go vet ./...
	step 'tests' go test ./...
}

# all_tests: of the core, and of each other module.
all_tests() {
	local modules m
	modules=$(nested)
	heading 'Tests'
	step 'the core' go test ./...
	for m in $modules; do
		step "the module ${m#./}" go -C "$m" test ./...
	done
}

everything() {
	local modules m
	modules=$(nested)

	heading 'Form'
	step 'gofmt' check_gofmt
	step 'shell scripts' check_shell
	step 'reStructuredText' check_rst
	step 'Go code in reStructuredText' check_rst_go

	heading 'The core'
	step 'go mod tidy' go mod tidy -diff
	step 'requirements' check_requirements
	step 'go vet' go vet ./...
	step 'staticcheck' check_staticcheck .
	step 'comments on exported names' check_comments
	step 'layers of actor' go -C internal/tools run ./layers
	step 'where values of the user are asked' go -C internal/tools run ./foreign
	step 'tests with -race -shuffle=on' go test -race -shuffle=on ./...
	step 'tests with -race on one processor' env GOMAXPROCS=1 go test -race ./...
	step 'mutations apply and compile' run_mutate -apply
	step '386: build, vet, tests of mailbox' check_386
	step 'arm64 and purego: vet, and tests of who waits for whom' check_arm64_purego
	step "$next_toolchain: form, build, vet, tests" check_next_toolchain

	for m in $modules; do
		heading "The module ${m#./}"
		step 'go mod tidy' go -C "$m" mod tidy -diff
		step 'build, vet, tests with -race -shuffle=on' check_nested_tests "$m"
		step 'staticcheck' check_staticcheck "$m"
	done

	heading 'A storm'
	step 'operations at random, at 1, 2 and 8 processors' storm 5s

	if [[ -d cmd/nanogen ]]; then
		heading 'Generated code'
		step 'nanogen -check' check_generated
	fi
}

mutate() {
	heading 'Mutations'
	run_mutate "$@"
}

apply() {
	heading 'Mutations, without tests'
	run_mutate -apply "$@"
}

turn() {
	heading 'Mutations, one of each numbered law and some of the others'
	run_mutate -turn "$1"
}

# check_fuzz FILE NAME: its corpus grows in the build cache, and what it finds is left in
# testdata/fuzz.
check_fuzz() {
	cd "$(dirname "$1")"
	go test -run '^$' -fuzz "^$2\$" -fuzztime 30s .
}

# check_often PACKAGE...: their tests, RUNS times or 30, with -race and in another order
# each time, on 2, 3 and 8 processors for which four busy loops contend: a test that fails
# now and then fails here.
check_often() {
	local list dir i n=0 processors=(2 3 8) flags=()
	[[ -z ${OVERLAY:-} ]] || flags=(-overlay "$OVERLAY")
	list=$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}' "$@")
	while IFS= read -r dir; do
		n=$((n + 1))
		go test -race "${flags[@]}" -c -o "$tmp/often-$n.test" "$dir"
	done <<<"$list"
	busy=() # not local: the trap is outside of the function
	trap 'kill "${busy[@]}"' EXIT
	for ((i = 0; i < 4; i++)); do
		while :; do :; done &
		busy+=($!)
	done
	for ((i = 0; i < ${RUNS:-30}; i++)); do
		n=0
		while IFS= read -r dir; do
			n=$((n + 1))
			echo "run $((i + 1)), GOMAXPROCS ${processors[i % 3]}: $dir"
			(cd "$dir" && GOMAXPROCS=${processors[i % 3]} "$tmp/often-$n.test" -test.shuffle=on)
		done <<<"$list"
	done
}

# check_often_with_yields PACKAGE...: check_often, where each lock, channel and select gives its
# processor away at random.
check_often_with_yields() {
	local overlay
	overlay=$(go -C internal/tools run ./yields "$tmp/yields")
	RUNS=${RUNS:-6} OVERLAY=$overlay check_often "$@"
}

# long [WORD...]: all steps, or those whose names have one of the words.
long() {
	local list line file name words=("$@") found=0
	heading 'What takes long'
	long_step 'nanogen on all of the code that is not ours' go -C cmd test -run TestForeign -timeout 60m ./nanogen -long
	long_step 'who asks values of the user: the tests that are named' go -C internal/tools run ./foreign -reach
	long_step 'a storm of operations' storm 60s
	long_step 'the model of parking, with more who meet' env NANO_MAILBOX_LONG=1 go test -timeout 60m -run TestParkModel ./mailbox
	long_step 'simulation' env NANO_SIM_LONG=1 go test -timeout 60m ./supervisor/sim
	long_step 'simulation, with -race' env NANO_SIM_LONG=1 go test -race -timeout 60m ./supervisor/sim
	long_step 'servers, clients and NATS killed 200 times, and a cluster' env NANO_REMOTE_LONG=1 go -C supervisor/remote test -run 'TestR1Kill|TestR1Cluster' -timeout 60m .
	long_step 'random histories' go -C internal/checks test -run 'TestSUP|TestSTATE' -timeout 60m . -rapid.checks=100000
	long_step 'tests again and again on a busy machine' check_often ./mailbox ./actor/... ./internal/laws ./supervisor/...
	long_step 'tests with yields at random' check_often_with_yields ./mailbox ./actor/... ./internal/laws ./supervisor/...
	list=$(files '*_test.go' | xargs -0 grep -HE '^func Fuzz[A-Za-z0-9_]*\(f \*testing\.F\) \{$')
	while IFS= read -r line; do
		file=${line%%:*}
		name=${line#*:func }
		name=${name%%(*}
		long_step "$name for 30 s" check_fuzz "$file" "$name"
	done <<<"$list"
	long_step 'all mutations' run_mutate
	if ((found == 0)); then
		echo "check.sh: no step of -long has in its name: ${words[*]}" >&2
		return 2
	fi
}

mode=everything
case ${1:-} in
'') ;;
-quick | --quick) mode=quick ;;
-test | --test) mode=all_tests ;;
-long | --long) mode=long ;;
-mutate | --mutate) mode=mutate ;;
-apply | --apply) mode=apply ;;
-turn | --turn) mode=turn ;;
-h | -help | --help)
	usage
	exit
	;;
*)
	usage >&2
	exit 2
	;;
esac
(($# == 0)) || shift
case $mode in
mutate | apply | long) most=$# least=0 ;;
turn) most=1 least=1 ;;
*) most=0 least=0 ;;
esac
if (($# > most || $# < least)); then
	usage >&2
	exit 2
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$mode" "$@"
printf '\ncheck.sh: ok, %d s\n' "$SECONDS"
