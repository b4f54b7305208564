module asks

go 1.26.0
