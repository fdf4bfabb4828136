"""What every endpoint of the partner API stands on, and the list of branches. No word of a provider, none of a partner.

Nothing is gathered here: what the settings of Django REST framework name imports some of these, while that imports its views.
"""
