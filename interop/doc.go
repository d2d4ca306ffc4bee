// Package interop has tests alone: programs on the vendor's own JavaScript SDKs
// talk to the fake of package ringsense, and the definitions of those SDKs are
// held against its models. They need Node and what npm ci brings:
//
//	npm ci --ignore-scripts --no-audit --no-fund && go test ./...
package interop
