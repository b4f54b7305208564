package sim_test

import (
	"os"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/supervisor/sim"
)

// docs/simulation.rst shows what is printed.
func TestDocsShowTheReport(t *testing.T) {
	docs, err := os.ReadFile("../../docs/simulation.rst")
	if err != nil {
		t.Fatal(err)
	}
	said := sim.Report(t, func(s *sim.Sim) { customers(s, withdrawBadly) }, 1)
	head, steps, found := strings.Cut(said, "  step ")
	if !found {
		t.Fatal(said)
	}
	repeat, _, _ := strings.Cut(head[strings.Index(head, "repeat it:"):], t.Name())
	if !strings.Contains(string(docs), repeat) {
		t.Errorf("docs/simulation.rst does not have %q", repeat)
	}
	var shown []string
	for line := range strings.SplitSeq(string(docs), "\n") {
		shown = append(shown, strings.TrimSpace(line))
	}
	text := strings.Join(shown, "\n")
	for line := range strings.SplitSeq("step "+steps, "\n") {
		if !strings.Contains(text, strings.TrimSpace(line)) {
			t.Errorf("docs/simulation.rst does not have %q of\n%s", line, said)
		}
	}
}
