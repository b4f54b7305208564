//go:build unix

package trial

import "syscall"

// apart keeps a process out of the group of this one: Ctrl-C in a terminal is for this
// one, which then ends that one when nothing is left to be settled.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
