package jsonpull

import (
	"reflect"
	"sync"
)

// workspace is what decoding needs and can be used again. Nothing that a decoder
// returns is a part of it.
type workspace struct {
	decoder Decoder
	ends    []int // of a frameScan
	lists   []any // a *scratch[T] each
}

const (
	// maxEnds is how many strings of a value a frameScan notes.
	maxEnds = 4 << 10
	// maxScratch is how many bytes are worth copying, and keeping room for.
	maxScratch = 256 << 10
)

//nolint:gochecknoglobals // a pool is shared by all
var workspaces = sync.Pool{New: func() any { return new(workspace) }}

func newWorkspace() *workspace {
	return workspaces.Get().(*workspace) //nolint:errcheck // there is nothing else in the pool
}

// free gives w back, without anything of a document. It is not for one whose
// decoder has panicked.
func (w *workspace) free() {
	w.decoder = Decoder{}
	workspaces.Put(w)
}

func (w *workspace) scan() frameScan {
	if w.ends == nil {
		w.ends = make([]int, maxEnds)
	}
	return frameScan{ends: w.ends}
}

// scratch is where the elements of a list are collected. All of it that is not in
// use is zero.
type scratch[T any] struct {
	list []T
	size int // of an element, in bytes
	busy bool
}

// scratchFor returns one that no list is being collected in.
func scratchFor[T any](w *workspace) *scratch[T] {
	for _, s := range w.lists {
		if s, ok := s.(*scratch[T]); ok && !s.busy {
			s.busy = true
			return s
		}
	}
	s := &scratch[T]{size: int(reflect.TypeFor[T]().Size()), busy: true}
	w.lists = append(w.lists, s)
	return s
}

// add returns a new element, which is good until the next one is added.
func (s *scratch[T]) add() *T {
	n := len(s.list)
	if n == cap(s.list) {
		s.list = append(make([]T, 0, max(8, 2*n)), s.list...)
	}
	s.list = s.list[:n+1]
	return &s.list[n]
}

// end returns the list. One that is too large to be copied keeps the memory that
// it was collected in.
func (s *scratch[T]) end() []T {
	s.busy = false
	collected := s.list
	if cap(collected)*s.size > maxScratch {
		s.list = nil
		return collected
	}
	list := make([]T, len(collected))
	copy(list, collected)
	clear(collected)
	s.list = collected[:0]
	return list
}
