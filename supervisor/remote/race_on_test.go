//go:build race

package remote_test

// raceEnabled: what is counted exactly is not counted under the race detector.
const raceEnabled = true
