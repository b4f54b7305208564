//go:build !plan9

package platform

func (d *Disk) Sync() error { return nil }

// Trim is there everywhere, in one file or the other.
func (d *Disk) Trim() error { return nil }
