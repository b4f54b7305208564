// Package batched has methods that are answered after the commit of their batch.
package batched

//go:generate go tool nanogen -type Store,Table

// Store commits what came together at once.
type Store struct{ rows map[string]string }

// NewStore makes a Store.
func NewStore() *Store { return &Store{map[string]string{}} }

// Commit is not for callers: the service calls it.
//
//nano:skip
func (s *Store) Commit() error { return nil }

// Put has neither results nor an error.
//
//nano:batched
func (s *Store) Put(key, value string) { s.rows[key] = value }

// Clear has nothing at all.
//
//nano:batched
func (s *Store) Clear() { clear(s.rows) }

// Delete has an error.
//
//nano:batched
func (s *Store) Delete(key string) error { return nil }

// DeleteAll has an error, with a name, and no parameters.
//
//nano:batched
func (s *Store) DeleteAll() (err error) { return nil }

// Count has a result.
//
//nano:batched
func (s *Store) Count(prefix string) int { return len(s.rows) }

// Len has a result and no parameters.
//
//nano:batched
func (s *Store) Len() int { return len(s.rows) }

// Add has a result and an error.
//
//nano:batched
func (s *Store) Add(value string, more ...string) (key string, err error) { return "", nil }

// Next has both and no parameters.
//
//nano:batched
func (s *Store) Next() (string, error) { return "", nil }

// Swap has several results.
//
//nano:batched
func (s *Store) Swap(key, value string) (before string, was bool, err error) {
	before, was = s.rows[key]
	return before, was, nil
}

// Pair has several results without names, and no error.
//
//nano:batched
func (s *Store) Pair() (string, int) { return "", 0 }

// Rows shares, too.
//
//nano:batched
//nano:shares
func (s *Store) Rows() map[string]string { return s.rows }

// Get is an ordinary call.
func (s *Store) Get(key string) string { return s.rows[key] }

// Table has type parameters, one of them with the name of a variable.
type Table[svc comparable, failed any] struct{ rows map[svc]failed }

// NewTable makes a Table.
func NewTable[svc comparable, failed any]() *Table[svc, failed] { return &Table[svc, failed]{} }

// Put has no results.
//
//nano:batched
func (t *Table[K, V]) Put(k K, v V) { t.rows[k] = v }
