//go:build !unix

package trial

import "syscall"

func apart() *syscall.SysProcAttr { return nil }
