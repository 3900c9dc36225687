package javaregexp

import "math"

// node is what Java makes of a part of an expression: it tells how far that can
// reach, which has to be known of what stands in a look-behind.
type node struct {
	sort        shape
	least, most int32    // times, when repeated
	of          [][]node // what is repeated; alternatives
}

type shape int

const (
	aPlace         shape = iota // matches no character
	aCharacter                  // or one of several
	aRun                        // one as often as it goes
	aLineEnd                    // the end of a line
	aGrapheme                   // several characters that are one
	aBackReference              // what a group was
	anAtomicGroup               // a group that is not tried again
	anOption
	aRepetition
	aLoop // repeated, of which Java knows no end
	aChoice
)

// reach is how far something reaches at most, where it is bounded, and whether
// it is fixed how it does. The numbers overflow where Java's do.
type reach struct {
	most           int32
	bounded, fixed bool
}

func reachOf(nodes []node) reach {
	return reach{bounded: true, fixed: true}.through(nodes)
}

// through returns the reach with nodes that come after it.
func (r reach) through(nodes []node) reach {
	for i, n := range nodes {
		switch n.sort {
		case aCharacter:
			r.most++
		case aLineEnd:
			r.most += 2
		case aRun:
			if r.fixed = false; r.bounded {
				r.most += math.MaxInt32
			}
		case aGrapheme:
			r.fixed = false
		case aBackReference:
			r.bounded = false
		case anAtomicGroup:
			r = r.through(n.of[0])
		case anOption:
			r = r.through(n.of[0])
			r.fixed = false
		case aRepetition:
			one := reachOf(n.of[0])
			most := one.most*n.most + r.most
			if r.bounded = r.bounded && one.bounded; r.bounded {
				r.bounded, r.most = most >= r.most, most
			}
			r.fixed = r.fixed && one.fixed && n.least == n.most
		case aLoop:
			return reach{most: r.most}
		case aChoice:
			after, most := reachOf(nodes[i+1:]), int32(-1)
			for _, nodes := range n.of {
				one := reachOf(nodes)
				most, r.bounded = max(most, one.most), r.bounded && one.bounded
			}
			return reach{most: r.most + most + after.most, bounded: r.bounded && after.bounded}
		}
	}
	return r
}
