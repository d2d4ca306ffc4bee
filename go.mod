module github.com/callinsights/callinsights-go

go 1.26.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/hashicorp/go-retryablehttp v0.7.8
	golang.org/x/oauth2 v0.37.0
	gopkg.in/dnaeon/go-vcr.v3 v3.2.0
)

require (
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
