package taken

type TCalls int
