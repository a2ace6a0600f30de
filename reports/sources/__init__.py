"""Sources and campaigns: what leads they bring, what these become, what that costs."""
