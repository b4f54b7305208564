package trial

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// A child is the process that serves, and is killed now and then. It has the other end of a
// pipe as its standard input, by which it sees that this process has ended, however that was.
type child struct {
	command []string
	cmd     *exec.Cmd
}

// start starts the process and returns its URL, which is the first line that it prints.
func (c *child) start() (url string, err error) {
	cmd := exec.Command(c.command[0], c.command[1:]...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "LEDGER_") { // settings of this process
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = apart()
	if _, err := cmd.StdinPipe(); err != nil { // closed by Wait, or by the end of this process
		return "", err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	c.cmd = cmd
	url, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", errors.Join(fmt.Errorf("trial: the process has not said where it is: %w", err), c.kill())
	}
	return strings.TrimRight(strings.TrimSpace(url), "/"), nil
}

// kill ends the process at once, and returns when it has.
func (c *child) kill() error {
	if err := c.cmd.Process.Kill(); err != nil {
		return err
	}
	_ = c.cmd.Wait() // killed
	return nil
}

// stop has the process end by itself, within a time.
func (c *child) stop(within time.Duration) error {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	late := time.AfterFunc(within, func() { _ = c.cmd.Process.Kill() })
	defer late.Stop()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("trial: the process was told to end, and did not do so well: %w", err)
	}
	return nil
}

// killings kills the process each time about every has passed and requests are under
// way, and starts it again, until ctx ends. It returns how often.
func (c *child) killings(ctx context.Context, client *client, every time.Duration, vary func() float64) (n int, err error) {
	for {
		select {
		case <-time.After(time.Duration(float64(every) * (0.5 + vary()))):
		case <-ctx.Done():
			return n, nil
		}
		for client.open.Load() == 0 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		if err := c.kill(); err != nil {
			return n, err
		}
		n++
		url, err := c.start()
		if err != nil {
			return n, err
		}
		client.at(url)
	}
}
