// Package laws has the tests of what package actor promises: its laws (TestL1 to TestL17,
// docs/guarantees.rst), and what stands beside them, such as TIMER, WATCH and PIPE, what can be
// seen of a service, and what it says of misuse. They use the exported API only, as a user does.
// What needs other names of the package, its benchmarks, examples and stories are with the code.
package laws
