package diff

// line is one line of the difference of two lists: in both (' '), only in the
// first ('-') or only in the second ('+').
type line struct {
	sign byte
	text string
}

// maxTable bounds the table by which two lists are aligned; longer ones are
// shown as all gone and all new.
const maxTable = 4_000_000

// lineDiff returns the shortest way from one list to another.
func lineDiff(a, b []string) []line {
	var head, tail []line
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, line{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append([]line{{' ', a[len(a)-1]}}, tail...)
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	out := head
	if len(a)*len(b) <= maxTable {
		// common[i][j] is the length of what a[i:] and b[j:] have in common.
		common := make([][]int, len(a)+1)
		for i := range common {
			common[i] = make([]int, len(b)+1)
		}
		for i := len(a) - 1; i >= 0; i-- {
			for j := len(b) - 1; j >= 0; j-- {
				if a[i] == b[j] {
					common[i][j] = common[i+1][j+1] + 1
				} else {
					common[i][j] = max(common[i+1][j], common[i][j+1])
				}
			}
		}
		i, j := 0, 0
		for i < len(a) && j < len(b) {
			switch {
			case a[i] == b[j]:
				out = append(out, line{' ', a[i]})
				i, j = i+1, j+1
			case common[i+1][j] >= common[i][j+1]:
				out = append(out, line{'-', a[i]})
				i++
			default:
				out = append(out, line{'+', b[j]})
				j++
			}
		}
		a, b = a[i:], b[j:]
	}
	for _, s := range a {
		out = append(out, line{'-', s})
	}
	for _, s := range b {
		out = append(out, line{'+', s})
	}
	return append(out, tail...)
}

// nearby keeps the changed lines and one on either side; what is left out in
// between becomes "...".
func nearby(l []line) []line {
	var out []line
	gap := false
	for i, s := range l {
		if s.sign == ' ' && (i == 0 || l[i-1].sign == ' ') && (i == len(l)-1 || l[i+1].sign == ' ') {
			gap = true
			continue
		}
		if gap {
			out = append(out, line{' ', "..."})
		}
		gap = false
		out = append(out, s)
	}
	return out
}

// onlyChanged keeps the changed lines.
func onlyChanged(l []line) []line {
	var out []line
	for _, s := range l {
		if s.sign != ' ' {
			out = append(out, s)
		}
	}
	return out
}
