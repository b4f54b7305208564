package actor

import (
	"testing"
	"unsafe"
)

// What Start allocates in one piece is taken from the pieces of 768 bytes, of which the
// allocator uses 8 itself, and not from those of 896.
func TestSizeOfStart(t *testing.T) {
	const word = unsafe.Sizeof(uintptr(0))
	if size := unsafe.Sizeof(Service[int]{}) + unsafe.Sizeof(incarnation{}); word == 8 && size > 760 {
		t.Errorf("%d bytes", size)
	}
}
