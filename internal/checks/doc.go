// Package checks holds tests of the library that need more dependencies than the
// library may have. It contains no other code.
package checks
