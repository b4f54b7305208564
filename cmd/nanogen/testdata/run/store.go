package run

import "errors"

//go:generate go tool nanogen -type Store

// ErrDisk is why a commit may fail.
var ErrDisk = errors.New("the disk is full")

// Disk is a fake one, which the test and the store share.
type Disk struct {
	writing chan struct{} // a commit sends, and
	written chan error    // receives what becomes of it
}

// Store keeps rows, and writes those that came together at once.
type Store struct {
	disk  *Disk
	fresh []string
	safe  int
}

// NewStore makes a Store.
func NewStore(disk *Disk) *Store { return &Store{disk: disk} }

// Commit writes what is fresh. The service calls it.
//
//nano:skip
func (s *Store) Commit() error {
	if len(s.fresh) == 0 {
		return nil
	}
	s.disk.writing <- struct{}{}
	if err := <-s.disk.written; err != nil {
		return err
	}
	s.safe += len(s.fresh)
	s.fresh = nil
	return nil
}

// Insert returns the row's number.
//
//nano:batched
func (s *Store) Insert(row string) int {
	s.fresh = append(s.fresh, row)
	return s.safe + len(s.fresh)
}

// Remove takes back what is not safe yet.
//
//nano:batched
func (s *Store) Remove(row string) (left int, known bool, err error) {
	if len(s.fresh) == 0 || s.fresh[len(s.fresh)-1] != row {
		return len(s.fresh), false, ErrSoldOut
	}
	s.fresh = s.fresh[:len(s.fresh)-1]
	return len(s.fresh), true, nil
}

// Touch writes the latest row again.
//
//nano:batched
func (s *Store) Touch() { s.fresh = append(s.fresh, "touched") }

// Safe returns how many rows are.
func (s *Store) Safe() int { return s.safe }
