package report

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// some are results as the harness makes them.
func some() []harness.Result {
	return []harness.Result{
		{Workload: "tell/1", System: "nano", NS: 23.456, Ratio: 0.512, Bytes: 0.4, Spread: 0.06, Rounds: 10},
		{Workload: "tell/1", System: "chan128", NS: 45.8, Ratio: 1, Spread: 0.1, Rounds: 10},
		{Workload: "restart", System: "suture", NS: 38670.4, Ratio: 64.3, Allocs: 12, Bytes: 67290, Rounds: 1},
		{Workload: "scale/tell/1", System: "nano", NS: 20, Ratio: 0.5, Rounds: 3},
		{Workload: "scale/tell/100k", System: "nano", NS: 500, Ratio: 0.9, Rounds: 3},
		{Workload: "footprint/100k", System: "nano", Unit: workloads.Bytes, NS: 5000, Bytes: 4210.4, Ratio: 1.04, Rounds: 1},
		{Workload: "footprint/100k", System: "chan128", Unit: workloads.Bytes, NS: 5100, Bytes: 4050, Ratio: 1, Rounds: 1},
		{Workload: "queue/8", System: "xsync", NS: 17, Rounds: 3},
	}
}

func TestTable(t *testing.T) {
	var out strings.Builder
	if err := Table(&out, some()[:3]); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"tell/1                             ns    ratio  spread    allocs     bytes",
		"  nano                           23.5     0.51      6%         0      0.40",
		"  chan128                        45.8     1.00     10%         0         0",
		"",
		"restart                            ns    ratio  spread    allocs     bytes",
		"  suture                       38,670       64              12.0    67,290",
		"",
	}, "\n")
	if out.String() != want {
		t.Errorf("it is\n%s, and not\n%s", out.String(), want)
	}
}

func TestVersus(t *testing.T) {
	rs := []harness.Result{
		{Workload: "tell/1", System: "before", NS: 13.5, Ratio: 1, Spread: 0.06, Rounds: 30},
		{Workload: "tell/1", System: "nano", NS: 27.3, Ratio: 2.02, RatioSpread: 0.08, RatioLow: 1.98, RatioHigh: 2.1,
			Spread: 0.1, Allocs: 1, Rounds: 30},
		{Workload: "spawn", System: "nano", NS: 1500, Rounds: 30},
		{Workload: "restart", System: "before", NS: 4000, Ratio: 1, Rounds: 5},
		{Workload: "restart", System: "nano", NS: 4000, Ratio: 1, RatioSpread: 0.1, RatioLow: 0.9, RatioHigh: 1.1, Rounds: 5},
		{Workload: "footprint/1M", System: "before", Unit: workloads.Bytes, Bytes: 4700, Ratio: 1, Rounds: 1},
		{Workload: "footprint/1M", System: "nano", Unit: workloads.Bytes, Bytes: 2350, Ratio: 0.5, Allocs: 3, Rounds: 1},
	}
	var out strings.Builder
	if err := Versus(&out, rs, "before", "nano"); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"workload              unit         before          after       ratio             95 %            allocs  rounds",
		"tell/1                  ns       13.5 ±3%       27.3 ±5%    2.02 ±4%     1.98 to 2.10         0 to 1.00      30",
		"restart                 ns       4000 ±0%       4000 ±0%    1.00 ±5%                             0 to 0       5",
		"footprint/1M         bytes           4700           2350        0.50                                          1",
		"",
	}, "\n")
	if out.String() != want {
		t.Errorf("it is\n%s, and not\n%s", out.String(), want)
	}
}

func TestAmount(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.001: "0", 0.25: "0.25", 9.87: "9.87", 12.34: "12.3", 999.6: "1000",
		1234.5: "1234", 12345: "12,345", 1234567: "1,234,567",
	} {
		if got := amount(v); got != want {
			t.Errorf("%v is %q, and not %q", v, got, want)
		}
	}
	for v, want := range map[float64]string{0: "-", 0.0123: "0.012", 0.55: "0.55", 9.99: "9.99", 64.3: "64"} {
		if got := ratio(v); got != want {
			t.Errorf("the ratio %v is %q, and not %q", v, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	var out strings.Builder
	if err := JSON(&out, some()); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal([]byte(out.String()), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(some()) || rows[0]["ratio"] != 0.512 || rows[5]["bytes"] != 4210.4 || rows[5]["ns"] != 5000.0 {
		t.Errorf("rows: %v", rows)
	}
	if ratio, ok := rows[7]["ratio"]; !ok || ratio != nil {
		t.Errorf("a ratio that there is not is %v", ratio)
	}
	out.Reset()
	if err := JSON(&out, nil); err != nil || strings.TrimSpace(out.String()) != "[]" {
		t.Errorf("nothing is %q, %v", out.String(), err)
	}
}

func TestRST(t *testing.T) {
	var out strings.Builder
	if err := RST(&out, "Measured here.", some()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Measured here.\n\n*Between services*\n\n",
		strings.Join([]string{
			"========  ===========  ========  ====  ======",
			"workload  chan128, ns  nano, ns  nano  suture",
			"========  ===========  ========  ====  ======",
			"tell/1    45.8 ±5%     23.5 ±3%  0.51",
			"restart                                64",
			"========  ===========  ========  ====  ======",
			"",
		}, "\n"),
		"*Memory*\n\n==============  ==============  ===========  ====\nworkload        chan128, bytes  nano, bytes  nano\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no\n%s\nin\n%s", want, out.String())
		}
	}
}

func TestSmall(t *testing.T) {
	var out strings.Builder
	if err := Small(&out, "Measured here.", some()); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out.String(), "=\n\nMeasured here.\n") {
		t.Errorf("it does not say where it comes from:\n%s", out.String())
	}
	if want := "tell  23.5 ns       45.8 ns    0.51   ``Do``"; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in\n%s", want, out.String())
	}
	for _, unmeasured := range []string{"call", "read", "restart"} {
		if strings.Contains(out.String(), "\n"+unmeasured) {
			t.Errorf("%s was not measured, and stands in\n%s", unmeasured, out.String())
		}
	}
}

func TestWrap(t *testing.T) {
	if got := wrap("one two  three\nfour fünf", 9); got != "one two\nthree\nfour fünf" {
		t.Errorf("%q", got)
	}
	if got := wrap("much_too_long for it", 5); got != "much_too_long\nfor\nit" {
		t.Errorf("%q", got)
	}
}

func TestPlot(t *testing.T) {
	var out strings.Builder
	if err := Plot(&out, some()); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(out.String())); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{">tell/1<", ">restart<", ">nano<", ">suture<", ">100k<", "ratio to chan128"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(out.String(), ">queue/8<") {
		t.Error("there is a line for a workload without ratios")
	}
}

func TestMarks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.rst")
	for text, ok := range map[string]bool{
		"":                                      false,
		"no mark here":                          false,
		"a\n.. figures begin\nwithout an end\n": false,
		"a\n.. figures end\n.. figures begin\n": false,
		"a\n.. figures begin: whatever\n.. figures end\nb\n":                   true,
		"a\n\n.. figures begin: whatever\n\nold\n\ntext\n\n.. figures end\n\n": true,
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := CheckMarks(file); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
		err := Replace(file, []byte("\nnew\n\n"))
		got, _ := os.ReadFile(file)
		if !ok && (err == nil || string(got) != text) || ok && !strings.Contains(string(got), "whatever\n\nnew\n\n.. figures end\n") {
			t.Errorf("%q becomes %q, %v", text, got, err)
		}
	}
	if err := CheckMarks(filepath.Join(t.TempDir(), "none.rst")); err == nil {
		t.Error("there is no such file")
	}
}
