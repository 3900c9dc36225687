package diff

import (
	"bytes"
	"encoding/json"
)

// JSON returns the plan's [View] as indented JSON, which ends in a newline.
// The same plan gives the same bytes.
func (p *Plan) JSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(p.View()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// MarshalJSON returns the plan's [View], so that no secret gets out where a
// plan is part of something that is encoded.
func (p Plan) MarshalJSON() ([]byte, error) { return json.Marshal(p.View()) }
