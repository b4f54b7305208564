//go:build !race

package workloads

const raceDetector = false
