package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/bruskajp/nano_services/examples/ledger/internal/dbtest"
	"github.com/bruskajp/nano_services/examples/ledger/internal/sample"
)

// asCommand has the test's program be the command: trials run it as a process of its
// own.
const asCommand = "TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) == "" {
		os.Setenv(asCommand, "yes")
		goleak.VerifyTestMain(m)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr))
}

func noEnv(string) (string, bool) { return "", false }

// try runs the command and returns its status, what it has printed, and its messages.
func try(t *testing.T, args ...string) (status int, out, messages string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(t.Context(), args, noEnv, &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// It prints where it serves, as its only line, and ends with status 0 when it is told to.
func TestServe(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	defer end()
	out, in := io.Pipe()
	defer out.Close()
	var messages bytes.Buffer
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, []string{"-addr", "127.0.0.1:0", "-grace", "1ms"}, noEnv, in, &messages)
		in.Close()
	}()
	line := make([]byte, 100)
	n, err := out.Read(line)
	url := strings.TrimSuffix(string(line[:n]), "\n")
	if err != nil || !regexp.MustCompile(`^http://127\.0\.0\.1:\d+/$`).MatchString(url) {
		t.Fatalf("%q, %v", line[:n], err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	for _, path := range []string{"", "readyz", "debug/services"} {
		answer, err := http.Get(url + path)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("/%s: %v, %v", path, answer, err)
		} else {
			answer.Body.Close()
		}
	}
	end()
	if s := <-status; s != 0 {
		t.Errorf("status %d", s)
	}
	if rest, _ := io.ReadAll(out); len(rest) > 0 {
		t.Errorf("it has also printed %q", rest)
	}
	if !strings.Contains(messages.String(), "msg=request") {
		t.Errorf("no request in the log:\n%s", &messages)
	}
}

// silent is a server that takes connections and says nothing. Its address comes from the
// first function; the second one returns when a client has connected.
func silent(t *testing.T) (addr string, connected func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String(), func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { c.Close() })
	}
}

// Who ends it before it is up has not failed: nothing is printed, and the status is 0.
func TestEndWhileStarting(t *testing.T) {
	for name, level := range map[string]string{"with messages": "info", "without": "warn"} {
		t.Run(name, func(t *testing.T) {
			ctx, end := context.WithCancel(t.Context())
			defer end()
			addr, connected := silent(t)
			var out, messages bytes.Buffer
			status := make(chan int, 1)
			go func() {
				status <- run(ctx, []string{"-db", "postgres://user@" + addr + "/db?sslmode=disable", "-log", level}, noEnv, &out, &messages)
			}()
			connected()
			end()
			if s := <-status; s != 0 || out.Len() > 0 {
				t.Errorf("status %d, %q\n%s", s, &out, &messages)
			}
			if told := strings.Contains(messages.String(), "told to end before all was up"); told != (level == "info") || !told && messages.Len() > 0 {
				t.Errorf("messages:\n%s", &messages)
			}
		})
	}
}

// An import that is told to end before it has begun has failed, and says no more than that.
func TestEndWhileImportStarts(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	defer end()
	addr, connected := silent(t)
	file := filepath.Join(t.TempDir(), "month.csv")
	if err := os.WriteFile(file, []byte(sample.Header+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		connected()
		end()
	}()
	var out, messages bytes.Buffer
	status := run(ctx, []string{"-db", "postgres://user@" + addr + "/db?sslmode=disable", "-import", file}, noEnv, &out, &messages)
	if want := "ledger: told to end before all was up\n"; status != 1 || out.Len() > 0 || messages.String() != want {
		t.Errorf("status %d, %q, %q", status, &out, &messages)
	}
}

// A database that does not answer is told so, with status 1.
func TestSilentDatabase(t *testing.T) {
	addr, connected := silent(t)
	go connected()
	status, out, messages := try(t, "-db", "postgres://user@"+addr+"/db?sslmode=disable&connect_timeout=1", "-log", "off")
	if status != 1 || out != "" || !strings.Contains(messages, "timeout") {
		t.Errorf("status %d, %q, %q", status, out, messages)
	}
}

var ok = regexp.MustCompile(`^ledger: ok: acknowledged [1-9]\d*, refused \d+, crashes (\d+), restarts (\d+), kills (\d+), sum 3200000\n$`)

// expectProof demands that the last line says so, and that there were crashes or kills:
// which of the two is the number of a group of ok.
func expectProof(t *testing.T, which int, args ...string) {
	t.Helper()
	status, out, messages := try(t, args...)
	m := ok.FindStringSubmatch(out)
	if status != 0 || m == nil {
		t.Fatalf("status %d, %q\n%s", status, out, messages)
	}
	if m[which] == "0" || m[2] == "0" {
		t.Errorf("nothing has happened: %s", out)
	}
}

// While services crash, no acknowledged transfer is lost and none is done twice.
func TestCHAOSCrashes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database string) {
		expectProof(t, 1, "-db", database, "-chaos", "100", "-for", "1500ms")
	})
}

// While the process is killed, likewise.
func TestCHAOSKills(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database string) {
		expectProof(t, 3, "-db", database, "-kill", "300ms", "-chaos", "20", "-for", "1500ms")
	})
}

// A file that is imported twice is booked once.
func TestImport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "month.csv")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(sample.Write(f, 500, 1), f.Close()); err != nil {
		t.Fatal(err)
	}
	database := dbtest.SQLite(t)
	for _, want := range []string{
		"ledger: imported 450 transfers and 50 accounts; 0 lines were known, 0 were wrong\n",
		"ledger: imported 0 transfers and 0 accounts; 500 lines were known, 0 were wrong\n",
	} {
		if status, out, messages := try(t, "-db", database, "-import", file, "-log", "error"); status != 0 || out != want || messages != "" {
			t.Errorf("status %d, %q, %q; want %q", status, out, messages, want)
		}
	}
	if err := os.WriteFile(file, []byte(sample.Header+"\nx\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out, messages := try(t, "-db", database, "-import", file); status != 1 || !strings.Contains(out, "1 were wrong") || !strings.Contains(messages, file+":2: it has 1 fields") {
		t.Errorf("status %d, %q, %q", status, out, messages)
	}
	if status, _, messages := try(t, "-db", database, "-import", file+".not"); status != 1 || !strings.Contains(messages, "no such file") {
		t.Errorf("status %d, %q", status, messages)
	}
}

// A trial that cannot prove anything says so, and has status 1.
func TestTrialFails(t *testing.T) {
	for args, want := range map[string]string{
		"-db memory: -for 1s":                              "there is nothing to be proved from a database in memory",
		"-db " + t.TempDir() + "/no/file -for 1s":          "unable to open database file",
		"-db " + t.TempDir() + "/no/file -kill 1s -for 1s": "the process has not said where it is",
		"-db mysql://host/db -for 1s":                      "no database of the kind",
	} {
		status, out, _ := try(t, strings.Fields(args)...)
		if status != 1 || !strings.HasPrefix(out, "ledger: FAILED: ") || !strings.Contains(out, want) || strings.Count(out, "\n") != 1 {
			t.Errorf("%s: status %d, %q; want %s", args, status, out, want)
		}
	}
}

// Settings come from flags, or else from the environment; what is wrong with them is
// told, and the status is 2.
func TestSettings(t *testing.T) {
	env := map[string]string{"LEDGER_ADDR": "127.0.0.1:1", "LEDGER_AUDIT": "3s"}
	lookup := func(name string) (string, bool) { v, set := env[name]; return v, set }
	s, err := parse([]string{"-addr", "127.0.0.1:2"}, lookup, io.Discard)
	if err != nil || s.addr != "127.0.0.1:2" || s.audit.Seconds() != 3 {
		t.Errorf("%+v, %v", s, err)
	}
	env["LEDGER_AUDIT"] = "soon"
	if _, err := parse(nil, lookup, io.Discard); err == nil || !strings.Contains(err.Error(), "LEDGER_AUDIT=soon") {
		t.Errorf("%v", err)
	}
	for args, want := range map[string]string{
		"file":              `what is "file"?`,
		"-kill 1s":          "-kill needs -for",
		"-for -1s":          "-for -1s is too short",
		"-audit -1s":        "-audit -1s is too short",
		"-grace -1s":        "-grace -1s is too short",
		"-deadline 0s":      "-deadline 0s is too short",
		"-chaos -3":         "-chaos -3 is not",
		"-chaos NaN":        "-chaos NaN is not",
		"-clients 0":        "-clients is at least 1",
		"-for 1s -log much": `-log "much" is not`,
		"-nothing":          "flag provided but not defined",
	} {
		if status, _, messages := try(t, strings.Fields(args)...); status != 2 || !strings.Contains(messages, want) {
			t.Errorf("%s: status %d, %q", args, status, messages)
		}
	}
	if status, _, messages := try(t, "-h"); status != 0 || !strings.Contains(messages, "-chaos") {
		t.Errorf("-h: status %d, %q", status, messages)
	}
}
