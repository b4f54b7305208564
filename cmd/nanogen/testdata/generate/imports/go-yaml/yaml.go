// Package yaml has another name than its directory.
package yaml

// Node is a type.
type Node struct{}
