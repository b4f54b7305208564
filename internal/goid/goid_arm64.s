//go:build !purego

#include "textflag.h"

// func getg() unsafe.Pointer
TEXT ·getg(SB), NOSPLIT, $0-8
	MOVD g, ret+0(FP)
	RET

// func Callers(pcs *uintptr, n int) int
TEXT ·Callers(SB), NOSPLIT, $0-24
	MOVD pcs+0(FP), R0
	MOVD n+8(FP), R1
	MOVD 8(g), R2   // where the stack begins: it grows downwards
	MOVD R29, R3    // the caller's frame pointer: this function has none
	MOVD RSP, R4
	SUB  $16, R4    // a frame pointer lies just below its frame
	MOVD $0, R5
next:
	CMP  R1, R5
	BGE  done
	CMP  R4, R3     // each lies above the one before
	BLS  done
	ADD  $16, R3, R6
	CMP  R2, R6
	BHI  done
	MOVD 8(R3), R7
	MOVD R7, (R0)
	ADD  $8, R0
	MOVD R3, R4
	MOVD (R3), R3
	ADD  $1, R5
	B    next
done:
	MOVD R5, ret+16(FP)
	RET
