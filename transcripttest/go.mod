module example.com/transcripttest

go 1.26.0

require (
	github.com/asticode/go-astisub v0.34.0
	github.com/callinsights/callinsights-go v0.0.0
	github.com/google/go-cmp v0.7.0
	github.com/yuin/goldmark v1.8.7
	golang.org/x/net v0.59.0
)

require (
	github.com/asticode/go-astikit v0.20.0 // indirect
	github.com/asticode/go-astits v1.8.0 // indirect
	golang.org/x/text v0.42.0 // indirect
)

replace github.com/callinsights/callinsights-go => ../
