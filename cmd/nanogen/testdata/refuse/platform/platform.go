package platform

//go:generate go tool nanogen -type Disk

type Disk struct{}

func NewDisk() *Disk { return &Disk{} }

func (d *Disk) Everywhere() {}
