package syntax

func (t *T) Add(by int) { t.n += }

func (t *T) Sub(by int) { t.n -= by }}
