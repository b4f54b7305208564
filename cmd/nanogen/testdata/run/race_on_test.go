//go:build race

package run

const race = true // the race detector has allocations of its own
