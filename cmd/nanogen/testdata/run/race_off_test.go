//go:build !race

package run

const race = false
