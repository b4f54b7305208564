// Measure compares the ledger with the same application whose store is no service: one
// with a mutex, and one with a pool of connections, both with a transaction for each
// request; and with itself while services crash. It needs wrk.
//
//	go -C examples run ./ledger/measure
//
// All of them serve at once, and are measured in turns of a few seconds: what else the
// machine does meanwhile concerns all of them.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

//go:embed post.lua
var script []byte

// systems are what is compared; the first one is what the others' ratios are to.
var systems = []struct {
	name  string
	flags []string
}{
	{"service", nil},
	{"mutex", []string{"-rival", "mutex"}},
	{"pool", []string{"-rival", "pool"}},
	{"chaos", []string{"-chaos", "5"}},
}

// A workload is how many clients transfer between how many accounts.
type workload struct{ clients, accounts int }

var workloads = []workload{{1, accounts}, {8, accounts}, {64, accounts}, {64, 2}}

func main() {
	m := measurement{}
	flag.IntVar(&m.rounds, "rounds", 5, "how often each is measured")
	flag.DurationVar(&m.time, "time", 2*time.Second, "for how long each time")
	flag.Parse()
	if err := m.run(); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

type measurement struct {
	rounds  int
	time    time.Duration
	folder  string
	servers []*server
}

func (m *measurement) run() (err error) {
	if m.folder, err = os.MkdirTemp("", "measure-"); err != nil {
		return err
	}
	defer os.RemoveAll(m.folder)
	if err := os.WriteFile(filepath.Join(m.folder, "post.lua"), script, 0o600); err != nil {
		return err
	}
	program := filepath.Join(m.folder, "ledger")
	if err := build(program); err != nil {
		return err
	}
	defer func() {
		for _, s := range m.servers {
			s.stop()
		}
	}()
	for _, s := range systems {
		server, err := start(program, filepath.Join(m.folder, s.name+".db"), s.flags)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		m.servers = append(m.servers, server)
	}
	for _, w := range workloads {
		if err := m.compare(w); err != nil {
			return err
		}
	}
	return nil
}

// compare measures all systems, in turns, and prints a table.
func (m *measurement) compare(w workload) error {
	rates, tails := make([][]float64, len(systems)), make([][]float64, len(systems))
	for round := range m.rounds {
		for i := range systems {
			i = (i + round) % len(systems) // none is always behind the same one
			r, err := m.servers[i].measure(m.folder, w, m.time, fmt.Sprintf("%d-%d-%d", w.clients, round, time.Now().UnixNano()))
			if err != nil {
				return fmt.Errorf("%s: %w", systems[i].name, err)
			}
			rates[i], tails[i] = append(rates[i], r.rate), append(tails[i], r.tail)
		}
	}
	fmt.Printf("%d clients, %d accounts\n%-8s  %10s  %16s  %10s  %16s\n", w.clients, w.accounts, "", "requests/s", "ratio", "p99 ms", "ratio")
	for i, s := range systems {
		fmt.Printf("%-8s  %10.0f  %16s  %10.1f  %16s\n", s.name,
			median(rates[i]), ratios(rates[i], rates[0]), median(tails[i]), ratios(tails[i], tails[0]))
	}
	fmt.Println()
	return nil
}
