package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// remoteCounter returns the directory of a package with a counter that has a client.
func remoteCounter(t *testing.T) string {
	dir, _ := counter(t)
	addRemote(t, filepath.Dir(dir))
	mustGenerate(t, dir, "-type", "Counter", "-remote")
	return dir
}

// git runs git without what the machine's user has set.
func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	runCommand(t, dir, "git", append([]string{"-c", "user.name=n", "-c", "user.email=n@example.com"}, args...)...)
}

// With -check the signatures are those of git, or are told. They do not change its status.
func TestCheckTellsSignatures(t *testing.T) {
	dir := remoteCounter(t)
	git(t, dir, "init", "-q")
	check := func(wantOut, wantErr string) {
		t.Helper()
		status, stdout, stderr := nanogen(dir, "-type", "Counter", "-remote", "-check")
		if status != 0 || stdout != wantOut || stderr != wantErr {
			t.Errorf("status %d, %q, %q; want 0, %q, %q", status, stdout, stderr, wantOut, wantErr)
		}
	}
	change := func(from, to string) {
		t.Helper()
		text := readFile(t, filepath.Join(dir, "counter.go"))
		writeFile(t, filepath.Join(dir, "counter.go"), strings.ReplaceAll(text, from, to))
		mustGenerate(t, dir, "-type", "Counter", "-remote")
	}
	check("", "") // nothing is committed
	git(t, dir, "add", "counter.go")
	git(t, dir, "commit", "-q", "-m", "without the client")
	check("", "") // the file is new
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "with it")
	check("", "")

	change("by int", "by uint")
	check("counter_remote.go: counter.Counter.Add: the signature was Add(by int) ("+hashOf("Add(by int)")+"), and is Add(by uint) ("+
		hashOf("Add(by uint)")+"): clients and services of before get ErrIncompatible\n", "")
	change("func (c *Counter) Add(by uint) { c.n += by }", "func (c *Counter) Sub(by int) { c.n -= by }")
	change("NewCounterService(1).Add(2)", "NewCounterService(1).Sub(2)")
	check("counter_remote.go: counter.Counter.Add: the signature Add(by int) is gone: clients of before get ErrNoMethod\n", "")
	change("Sub", "Add")
	change("c.n -= by }", "c.n -= by }\n\nfunc (c *Counter) More() int { return 0 }")
	check("", "") // one more method is no change
}

// Where git cannot be asked, that is said.
func TestCheckWithoutGit(t *testing.T) {
	dir := remoteCounter(t)
	t.Setenv("GIT_CEILING_DIRECTORIES", "/")
	status, stdout, stderr := nanogen(dir, "-type", "Counter", "-remote", "-check")
	const want = "nanogen: counter_remote.go: its signatures were not compared with those in git: exit status 128: fatal: not a git repository"
	if status != 0 || stdout != "" || !strings.HasPrefix(stderr, want) {
		t.Errorf("outside of a repository: status %d, %q, %q; want %q", status, stdout, stderr, want)
	}
}

// What -client cannot be.
func TestClientElsewhere(t *testing.T) {
	t.Parallel()
	dir, _ := counter(t)
	addRemote(t, filepath.Dir(dir))
	writeFile(t, filepath.Join(dir, "mine", "counter_remote.go"), "package mine\n")
	for _, row := range []struct{ client, want string }{
		{".", "-client: clients are beside their services without it"},
		{"../counter", "-client: clients are beside their services without it"},
		{"no-name", `-client: "no-name" is no name for a package`},
		{"mine", "counter_remote.go is there and was not written by nanogen"},
	} {
		status, stdout, stderr := nanogen(dir, "-type", "Counter", "-remote", "-client", row.client)
		if status != 1 || stdout != "" || !strings.Contains(stderr, row.want) {
			t.Errorf("-client %s: status %d, %q, %q; want %q", row.client, status, stdout, stderr, row.want)
		}
	}
}

// Code that uses what is generated need not wait for it.
func TestRemoteNamesAreKnownBefore(t *testing.T) {
	t.Parallel()
	dir, _ := counter(t)
	addRemote(t, filepath.Dir(dir))
	writeFile(t, filepath.Join(dir, "use.go"), "package counter\n\ntype Shop struct{}\n\n"+
		"func NewShop(c CounterClient, r CounterRemoteCalls) *Shop { return nil }\n\nfunc (s *Shop) Open() error { return nil }\n")
	writeFile(t, filepath.Join(dir, "local.go"), "package counter\n\n//nano:local\nfunc (c *Counter) Each(func()) {}\n")
	if status, stdout, stderr := nanogen(dir, "-type", "Counter", "-remote"); status != 0 {
		t.Fatalf("status %d, %q, %q", status, stdout, stderr)
	}
	goCommand(t, dir, "vet", ".")
}
