//go:build race

package supervisor_test

// raceEnabled: what takes long is made smaller under the race detector.
const raceEnabled = true
