//go:build plan9

package platform

func (d *Disk) Trim() error { return nil }
