package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// program runs the program and returns what it wrote.
func program(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, complaints bytes.Buffer
	code = run(context.Background(), args, &out, &complaints)
	return code, out.String(), complaints.String()
}

// few is a choice that takes no time.
var few = []string{"-quick", "-rounds", "2", "-workload", "spawn", "-system", "mutex,chan128"}

func TestJSON(t *testing.T) {
	code, stdout, stderr := program(t, append(few, "-format", "json")...)
	if code != exitOK || !strings.Contains(stderr, "suture v4") {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var rows []map[string]any
	if err := json.Unmarshal([]byte(stdout), &rows); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	if len(rows) != 2 {
		t.Fatalf("%d rows: %s", len(rows), stdout)
	}
	want := []string{"allocs", "bytes", "ns", "ratio", "rounds", "spread", "system", "workload"}
	for i, system := range []string{"chan128", "mutex"} { // as they are shown, not as they were named
		row := rows[i]
		if names := slices.Sorted(maps.Keys(row)); !slices.Equal(names, want) {
			t.Errorf("the names are %q", names)
		}
		if row["workload"] != "spawn" || row["system"] != system || row["rounds"] != 2.0 {
			t.Errorf("row %d is %v", i, row)
		}
		if ns, ok := row["ns"].(float64); !ok || ns <= 0 {
			t.Errorf("row %d: ns is %v", i, row["ns"])
		}
	}
	if rows[0]["ratio"] != 1.0 {
		t.Errorf("the ratio of the baseline to itself is %v", rows[0]["ratio"])
	}
}

func TestBaselineComesAlong(t *testing.T) {
	code, stdout, stderr := program(t, "-quick", "-rounds", "1", "-workload", "spawn", "-system", "mutex", "-format", "json")
	if code != exitOK {
		t.Fatal(stderr)
	}
	var rows []struct {
		System string
		Ratio  float64
	}
	if err := json.Unmarshal([]byte(stdout), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || rows[0].System != "mutex" || rows[0].Ratio <= 0 || rows[0].Ratio >= 1 {
		t.Errorf("rows: %+v", rows)
	}
}

func TestTable(t *testing.T) {
	code, stdout, stderr := program(t, few...)
	if code != exitOK || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{"spawn", "ratio", "  chan128 ", "  mutex ", "protoactor v", "suture v4", "go1."} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
}

func TestList(t *testing.T) {
	code, stdout, stderr := program(t, "-list", "-system", "nano,mutex")
	if code != exitOK || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{"sync.Mutex", "this library", "tell/64", "footprint/1M", "a bare loop that recovers"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout, "phony") {
		t.Errorf("what was not chosen is listed:\n%s", stdout)
	}
}

func TestBadArguments(t *testing.T) {
	for _, c := range []struct {
		args string
		says []string
	}{
		{"-workload tell/9", []string{`"tell/9"`, "tell/64", "tail/p99.9", "footprint/1M"}},
		{"-workload tell/1,,nonsense*", []string{`"", "nonsense*"`}},
		{"-system nono", []string{`"nono"`, "chan128-reuse", "protoactor"}},
		{"-workload ring -system suture", []string{"nothing is left"}},
		{"-quick -workload footprint/1M", []string{"nothing is left", "-quick"}},
		{"-format xml", []string{"xml", "json"}},
		{"-rounds -1", []string{"-rounds"}},
		{"-slice 1us", []string{"-slice", "1ms"}},
		{"-slice 1m", []string{"-slice", "1s"}},
		{"-time -1s", []string{"-time"}},
		{"-run tell -workload call", []string{"-run and -workload"}},
		{"-against HEAD -system chan128", []string{"-against", "-system"}},
		{"-against HEAD -update ..", []string{"-against", "-update"}},
		{"-against HEAD -plot x.svg", []string{"-against", "-plot"}},
		{"-against HEAD -format rst", []string{"-against", "-format rst"}},
		{"-against HEAD -run phony", []string{"phony"}},
		{"-run te(ll", []string{"-run", "te(ll"}},
		{"-run nonsense", []string{"nonsense", "tell/64"}},
		{"-soak -1s", []string{"-soak"}},
		{"-soak 1ms", []string{"-soak"}},
		{"tell/1", []string{`"tell/1"`}},
		{"-nonsense", []string{"-nonsense"}},
	} {
		code, stdout, stderr := program(t, strings.Fields(c.args)...)
		if code != exitUsage || stdout != "" {
			t.Errorf("%s: exit code %d, %q on standard output", c.args, code, stdout)
		}
		for _, text := range c.says {
			if !strings.Contains(stderr, text) {
				t.Errorf("%s: no %q in %q", c.args, text, stderr)
			}
		}
	}
}

func TestHelp(t *testing.T) {
	code, _, stderr := program(t, "-h")
	if code != exitOK || !strings.Contains(stderr, "usage: go -C benchmarks run .") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

func TestSelection(t *testing.T) {
	for list, want := range map[string][]string{
		"tell/1":          {"tell/1"},
		"call":            {"call/1", "call/64-1", "call/64-64", "call/nested"},
		"tail":            {"tail/p50", "tail/p99", "tail/p99.9"},
		"tail/p99.9,ring": {"ring/1000", "tail/p99.9"},
		"busy/http":       {"busy/http/p50", "busy/http/p99"},
		"tell/*":          {"tell/1", "tell/8", "tell/64", "tell/1-capture"},
		"footprint/1M":    {"footprint/1M", "footprint/1M/rss"},
		"scale/1M":        {"scale/1M/start", "scale/1M/call", "scale/1M/stop"},
	} {
		c, err := parse([]string{"-workload", list}, io.Discard)
		if err != nil {
			t.Errorf("%s: %v", list, err)
			continue
		}
		if !slices.Equal(c.plan.Titles, want) {
			t.Errorf("%s: %q", list, c.plan.Titles)
		}
		for _, w := range c.plan.Workloads {
			if !slices.ContainsFunc(w.Titles(), func(s string) bool { return slices.Contains(want, s) }) {
				t.Errorf("%s: %s is run as well", list, w.Name)
			}
		}
	}
}

func TestRunSelects(t *testing.T) {
	for pattern, want := range map[string][]string{
		"^tell$/1":                     {"tell/1", "tell/1-capture"},
		"^tell$/^1$":                   {"tell/1"},
		"^tell$/^1$|call/^64$|spawn/1": {"tell/1"},
		"(tell|spawn)/8":               {"tell/8"},
		"restart|ring":                 {"ring/1000", "restart"},
		"footprint/1M":                 {"footprint/1M", "footprint/1M/rss"},
		"footprint//r":                 {"footprint/100k/rss", "footprint/1M/rss"},
		"spawn":                        {"spawn"},
	} {
		c, err := parse([]string{"-run", pattern}, io.Discard)
		if err != nil || !slices.Equal(c.plan.Titles, want) {
			t.Errorf("%s: %+v, %v", pattern, c, err)
		}
	}
}

// TestLength has the number of rounds, their slices and the time in all their forms.
func TestLength(t *testing.T) {
	for args, want := range map[string]harness.Plan{
		"":                           {Rounds: 30, Slice: 20 * time.Millisecond},
		"-quick":                     {Rounds: 5, Slice: 10 * time.Millisecond, Budget: 30 * time.Second},
		"-quick -slice 50ms":         {Rounds: 5, Slice: 50 * time.Millisecond, Budget: 30 * time.Second},
		"-time 10s":                  {Rounds: 0, Slice: 20 * time.Millisecond, Budget: 10 * time.Second},
		"-time 10s -rounds 7 -quick": {Rounds: 7, Slice: 10 * time.Millisecond, Budget: 10 * time.Second},
	} {
		c, err := parse(strings.Fields(args), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if p := c.plan; p.Rounds != want.Rounds || p.Slice != want.Slice || p.Budget != want.Budget {
			t.Errorf("%q: %d rounds, slices of %v, within %v", args, p.Rounds, p.Slice, p.Budget)
		}
	}
}

func TestSoak(t *testing.T) {
	c, err := parse([]string{"-workload", workloads.BoundedName, "-soak", "3s"}, io.Discard)
	if err != nil || len(c.plan.Workloads) != 1 || c.plan.Workloads[0].Ops != 3000 || c.plan.Workloads[0].Rounds < 2 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestLeftOut(t *testing.T) {
	c, err := parse([]string{"-workload", "footprint"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	c.fit(3000, &said)
	if len(c.plan.Workloads) != 1 || c.plan.Workloads[0].Name != "footprint/100k" {
		t.Errorf("%d workloads are left", len(c.plan.Workloads))
	}
	if !strings.Contains(said.String(), "footprint/1M is left out: it needs") {
		t.Errorf("it says %q", said.String())
	}
	said.Reset()
	c, err = parse([]string{"-quick", "-workload", "footprint"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	c.fit(0, &said)
	if len(c.plan.Workloads) != 1 || !strings.Contains(said.String(), "footprint/1M is left out: it takes too long") {
		t.Errorf("it says %q", said.String())
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stdout, stderr bytes.Buffer
	if code := run(ctx, few, &stdout, &stderr); code != exitInterrupted || stdout.Len() > 0 {
		t.Errorf("exit code %d, %q on standard output", code, stdout.String())
	}
}

// TestAlone measures memory in a process of its own, which is the test binary.
func TestAlone(t *testing.T) {
	w, s := workload(t, "footprint/100k"), system(t, "nano")
	sample, err := alone(context.Background(), w, s, 300)
	if err != nil {
		t.Fatal(err)
	}
	if per := sample.Figures["footprint/100k"]; per < 1000 || per > 100_000 {
		t.Errorf("%v bytes for a service", per)
	}
	for _, title := range []string{"scale/100k/start", "scale/100k/call", "scale/100k/stop"} {
		if sample.Figures[title] <= 0 {
			t.Errorf("%s is %v", title, sample.Figures[title])
		}
	}
}

func TestAloneFails(t *testing.T) {
	w := *workload(t, "footprint/100k")
	w.Name = "nonsense"
	_, err := alone(context.Background(), &w, system(t, "nano"), 300)
	if err == nil || !strings.Contains(err.Error(), `no workload "nonsense"`) {
		t.Errorf("error: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := alone(ctx, workload(t, "footprint/100k"), system(t, "nano"), 300); !errors.Is(err, context.Canceled) {
		t.Errorf("error of an ended context: %v", err)
	}
}

func TestQuoted(t *testing.T) {
	c, err := parse([]string{"-run", "tell|call", "-quick"}, io.Discard)
	if err != nil || c.command != "go -C benchmarks run . -run 'tell|call' -quick" {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestUpdate has the program write into documents.
func TestUpdate(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "docs"), 0o755); err != nil {
		t.Fatal(err)
	}
	args := append(slices.Clone(few), "-update", root)
	if code, _, stderr := program(t, args...); code != exitFailed || !strings.Contains(stderr, "performance.rst") {
		t.Errorf("without documents: exit code %d, %s", code, stderr)
	}
	text := "Title\n=====\n\n.. figures begin: by hand\n\nold\n\n.. figures end\n\nThe rest.\n"
	for _, name := range []string{performance, readme} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // also in place of what it has written itself
		if code, _, stderr := program(t, args...); code != exitOK {
			t.Fatal(stderr)
		}
	}
	// README.rst has rows for some workloads, of which spawn is none.
	for name, row := range map[string]string{performance: "\nspawn ", readme: "\nWhat "} {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		s := string(got)
		if strings.Contains(s, "old") || strings.Count(s, row) != 1 ||
			!strings.HasPrefix(s, "Title\n=====\n\n.. figures begin: by hand\n") ||
			!strings.HasSuffix(s, "\n\n.. figures end\n\nThe rest.\n") {
			t.Errorf("%s is\n%s", name, s)
		}
	}
	svg, err := os.Open(filepath.Join(root, "docs", "performance.svg"))
	if err != nil {
		t.Fatal(err)
	}
	defer svg.Close()
	for d := xml.NewDecoder(svg); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func workload(t *testing.T, name string) *workloads.Workload {
	t.Helper()
	for _, w := range workloads.All() {
		if w.Name == name {
			return w
		}
	}
	t.Fatalf("no workload %s", name)
	return nil
}

func system(t *testing.T, name string) *systems.System {
	t.Helper()
	for _, s := range systems.All() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no system %s", name)
	return nil
}
