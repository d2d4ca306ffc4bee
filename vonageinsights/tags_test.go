package vonageinsights_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestManyTags: many tags are all there, in whatever way they are many. Tags that
// would take more memory than a text of their size may are none.
func TestManyTags(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]struct{ before, each, after string }{
		"of one category":        {`{"c":{`, `"%d":1`, `}}`},
		"of a category each":     {`{`, `"%d":{"t":1}`, `}`},
		"of a repeated category": {`{`, `"c":{"%d":1}`, `}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for tags, want := range map[int]int{1: 1, 20_000: 20_000, 400_000: 0} {
				members := make([]string, tags)
				for i := range members {
					members[i] = fmt.Sprintf(way.each, i)
				}
				doc := `{"tags":` + way.before + strings.Join(members, ",") + way.after + `}`
				all, got := decode(t, []byte(doc)).Tags(), 0
				for _, counts := range all {
					for _, count := range counts {
						got += count
					}
				}
				if got != want || all == nil {
					t.Errorf("%d tags: got %d in %d categories, want %d", tags, got, len(all), want)
				}
			}
		})
	}
}
