//go:build !purego

#include "textflag.h"

// func getg() unsafe.Pointer
TEXT ·getg(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ AX, ret+0(FP)
	RET

// func Callers(pcs *uintptr, n int) int
TEXT ·Callers(SB), NOSPLIT, $0-24
	MOVQ pcs+0(FP), DI
	MOVQ n+8(FP), CX
	MOVQ (TLS), R8
	MOVQ 8(R8), R9 // where the stack begins: it grows downwards
	MOVQ BP, BX    // the caller's frame pointer: this function has none
	MOVQ SP, R10
	XORQ AX, AX
next:
	CMPQ AX, CX
	JGE  done
	CMPQ BX, R10 // each lies above the one before
	JLS  done
	LEAQ 16(BX), R11
	CMPQ R11, R9
	JHI  done
	MOVQ 8(BX), R12
	MOVQ R12, (DI)(AX*8)
	MOVQ BX, R10
	MOVQ (BX), BX
	INCQ AX
	JMP  next
done:
	MOVQ AX, ret+16(FP)
	RET
