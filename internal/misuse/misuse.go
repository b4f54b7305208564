// Package misuse says that a caller has made a mistake which no error would mend, such as a
// nil function: with a panic that begins with the name of the package that was called.
package misuse

// Unless panics with text unless ok.
func Unless(ok bool, text string) {
	if !ok {
		panic(text)
	}
}
