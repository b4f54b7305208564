package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// accounts is how many there are.
const accounts = 1000

// build builds the ledger.
func build(program string) error {
	cmd := exec.Command("go", "build", "-o", program, "github.com/bruskajp/nano_services/examples/ledger")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// A server is a ledger that serves.
type server struct {
	cmd *exec.Cmd
	url string
}

func start(program, database string, flags []string) (*server, error) {
	s := &server{cmd: exec.Command(program, append([]string{"-db", database, "-addr", "127.0.0.1:0", "-log", "off", "-audit", "1h"}, flags...)...)}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, err
	}
	s.url = strings.TrimSuffix(line, "\n")
	for i := range accounts {
		if err := s.open(fmt.Sprintf("w-%d", i)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// open opens an account, with what will be enough.
func (s *server) open(id string) error {
	for range 20 { // services may be crashing
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.url+"api/accounts",
			strings.NewReader(fmt.Sprintf(`{"id":%q,"balance":1000000}`, id)))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "open-"+id)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusCreated {
			return nil
		}
	}
	return fmt.Errorf("the account %s cannot be opened", id)
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
}

// result is what wrk says.
type result struct {
	rate float64 // requests a second
	tail float64 // p99 in ms
}

func (s *server) measure(folder string, w workload, d time.Duration, run string) (r result, err error) {
	cmd := exec.Command("wrk", "-t", strconv.Itoa(min(w.clients, 2)), "-c", strconv.Itoa(w.clients), "-d", fmt.Sprint(int(d.Seconds())),
		"--latency", "-s", filepath.Join(folder, "post.lua"), s.url, "--", run, strconv.Itoa(w.accounts))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return r, fmt.Errorf("wrk: %w\n%s", err, &out)
	}
	for line := range strings.Lines(out.String()) {
		f := strings.Fields(line)
		switch {
		case len(f) == 2 && f[0] == "99%":
			tail, err := time.ParseDuration(f[1])
			if err != nil {
				return r, err
			}
			r.tail = float64(tail) / float64(time.Millisecond)
		case len(f) == 2 && f[0] == "Requests/sec:":
			if r.rate, err = strconv.ParseFloat(f[1], 64); err != nil {
				return r, err
			}
		case strings.Contains(line, "Non-2xx"):
			return r, fmt.Errorf("wrk: %s", strings.TrimSpace(line))
		}
	}
	if r.rate == 0 || r.tail == 0 {
		return r, fmt.Errorf("wrk has said nothing of use:\n%s", &out)
	}
	return r, nil
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// ratios are the median of the rounds' ratios, and the least and the largest of them.
func ratios(of, to []float64) string {
	var list []float64
	for i := range of {
		list = append(list, of[i]/to[i])
	}
	return fmt.Sprintf("%.2f (%.2f-%.2f)", median(list), slices.Min(list), slices.Max(list))
}
