module github.com/bruskajp/nano_services

go 1.26
