// Package shop is what the tests of layers count by hand. doc.go is left out, and so
// would be what base.go used of it.
package shop

// Opening is not counted, and neither is that it uses Limit.
const Opening = Limit
