package jsontest

// Pieces delivers a document in pieces that end where it is cut. The end of the
// document comes with the last piece, or after it, as readers do either.
type Pieces struct {
	rest []byte
	cuts []int // how long the pieces are; the last one is what is left
	end  error
	with bool // the end comes with the last piece
}

// NewPieces cuts doc at the places, which ascend. After the end reading fails
// with end, which is io.EOF for a document that is complete.
func NewPieces(doc []byte, end error, endWithData bool, places ...int) *Pieces {
	p := &Pieces{rest: doc, end: end, with: endWithData}
	last := 0
	for _, place := range places {
		p.cuts = append(p.cuts, place-last)
		last = place
	}
	return p
}

func (p *Pieces) Read(b []byte) (int, error) {
	for len(p.cuts) > 0 && p.cuts[0] == 0 {
		p.cuts = p.cuts[1:]
	}
	if len(p.rest) == 0 {
		return 0, p.end
	}
	piece := p.rest
	if len(p.cuts) > 0 {
		piece = piece[:p.cuts[0]]
	}
	n := copy(b, piece)
	p.rest = p.rest[n:]
	if len(p.cuts) > 0 {
		p.cuts[0] -= n
	}
	if len(p.rest) == 0 && p.with {
		return n, p.end
	}
	return n, nil
}
