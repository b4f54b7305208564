//go:build unix

package trial

import (
	"syscall"
	"testing"
)

// A signal to the group of this process does not end the one that serves.
func TestChildIsApart(t *testing.T) {
	c := &child{command: []string{"sh", "-c", "echo http://127.0.0.1:1/; exec sleep 600"}}
	url, err := c.start()
	if err != nil || url != "http://127.0.0.1:1" {
		t.Fatalf("%q, %v", url, err)
	}
	if group, err := syscall.Getpgid(c.cmd.Process.Pid); err != nil || group == syscall.Getpgrp() {
		t.Errorf("the group %d is that of this process, or %v", group, err)
	}
	if err := c.kill(); err != nil {
		t.Error(err)
	}
}
