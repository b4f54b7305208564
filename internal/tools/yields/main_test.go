package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A program that counts how often another goroutine runs between an unlock and a lock, or a send and
// the next one, where there is one processor: never, unless the goroutine gives it away.
const program = `package main

import (
	"fmt"
	"runtime"
	"sync"
)

func main() {
	runtime.GOMAXPROCS(1)
	var mu sync.Mutex
	c := make(chan int, 1)
	other := 0
	go func() {
		for {
			other++
			runtime.Gosched()
		}
	}()
	between := func(f func()) bool {
		for range 1000 {
			before := other
			f()
			if other != before {
				return true
			}
		}
		return false
	}
	fmt.Println(
		between(func() { mu.Lock(); mu.Unlock() }),
		between(func() { c <- 1; <-c }),
		between(func() {
			select {
			case c <- 1:
			case c <- 2:
			}
			select {
			case <-c:
			}
		}),
		between(func() { close(make(chan int)) }),
		between(func() {}),
	)
}
`

func TestYields(t *testing.T) {
	dir := t.TempDir()
	overlay, err := write(filepath.Join(dir, "yields"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "main.go")
	if err := os.WriteFile(file, []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"run", file}, "false false false false false"},
		{[]string{"run", "-overlay", overlay, file}, "true true true true false"},
	} {
		cmd := exec.Command("go", test.args...)
		cmd.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1")
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != test.want {
			t.Errorf("go %q: %v\n%s\nwant %s", test.args, err, got, test.want)
		}
	}
}
