// Package laws has the tests of what package actor promises: its laws (TestL1 to TestL17,
// docs/guarantees.rst), and what stands beside them, such as TIMER, WATCH and PIPE. They use
// the exported API only, as a user does. What shows how the package is built, what it logs,
// its benchmarks, examples and stories are with the code.
package laws
