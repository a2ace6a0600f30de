// One behaviour per module; each binds itself by data attributes, on the page and on swapped-in parts.
import "./board.js";
import "./combobox.js";
import "./dialog.js";
import "./draft.js";
import "./formset.js";
import "./leave.js";
import "./passkey.js";
import "./palette.js";
import "./peek.js";
import "./search.js";
import "./select.js";
import "./shortcuts.js";
import "./sortable.js";
import "./submit.js";
import "./theme.js";
import "./toast.js";
import "./trail.js";
