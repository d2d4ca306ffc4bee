package transport

import (
	"net/url"

	"github.com/callinsights/callinsights-go/internal/fault"
)

// Unmade returns the pipeline of a client that was not made by NewClient. It
// refuses every call.
func Unmade(vendor string) *Pipeline {
	return &Pipeline{vendor: Vendor{Name: vendor}, base: new(url.URL)}
}

// UnmadeDownloader is [Unmade] for files.
func UnmadeDownloader(vendor string) *Downloader { return &Downloader{p: Unmade(vendor)} }

var errUnmade = fault.New("the Client was not made by NewClient", fault.ErrInvalidRequest)

func (p *Pipeline) unmade() bool { return p.retrier == nil }
